"""Train the network: a learning rate that falls, early stopping, the best weights kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from detune.crops import Crops, Labelled
from detune.fused import FusedBatchNormalization
from detune.model import build_model
from detune.params import Train
from detune.progress import progress_bar
from detune.runtime import keras

HISTORY_COLUMNS = ("epoch", "loss", "val_loss", "accuracy", "val_accuracy")


class ProgressBar(keras.callbacks.Callback):
    """One bar over all epochs, with loss, accuracy and segments a second."""

    def __init__(self, epochs: int, segments: int) -> None:
        super().__init__()
        self._bar = progress_bar("train", "epochs", epochs)
        self._segments = segments
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Start the clock."""
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Show the epoch's figures."""
        speed = self._segments / (time.perf_counter() - self._started)
        shown = {name: f"{(logs or {})[name]:.3f}" for name in HISTORY_COLUMNS[1:]}
        self._bar.set_postfix(shown | {"segments/s": f"{speed:.0f}"}, refresh=False)
        self._bar.update()

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Leave the finished bar."""
        self._bar.close()


def train_model(
    train: Labelled, validation: Labelled, genres: int, params: Train
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Train a fresh network, and return it with the weights of its best epoch.

    The best epoch is the one with the lowest loss on whole validation segments. The same
    arguments give the same weights, byte for byte, on one machine.

    Args:
        train: what the network learns from.
        validation: what stops training and lowers the learning rate.
        genres: how many genres there are.
        params: the recipe.

    Returns:
        The model, and a row of `HISTORY_COLUMNS` for each epoch.
    """
    keras.utils.set_random_seed(params.seed)
    build = partial(
        build_model,
        genres,
        spatial_dropout=params.spatial_dropout,
        dense_dropout=params.dense_dropout,
    )
    crops = Crops(train, params.crop_frames, params.batch_size, params.seed)
    learner = build(frames=None, norm=FusedBatchNormalization)
    rate = _learning_rate(params, crops.batches * params.epochs)
    learner.compile(
        keras.optimizers.Adam(rate, weight_decay=params.weight_decay),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = learner.fit(
        crops.dataset(),
        epochs=params.epochs,
        steps_per_epoch=crops.batches,
        validation_data=(validation[0][..., None], validation[1]),
        callbacks=_callbacks(params, crops.batches * crops.batch_size),
        verbose=0,
    ).history
    model = build()
    model.set_weights(learner.get_weights())
    rows = [
        {"epoch": epoch} | {name: float(history[name][epoch - 1]) for name in HISTORY_COLUMNS[1:]}
        for epoch in range(1, len(history["loss"]) + 1)
    ]
    return model, rows


def _learning_rate(params: Train, steps: int) -> Any:
    """A warm-up and half a cosine over `steps` (Loshchilov & Hutter 2017), or a constant."""
    if params.schedule == "plateau":
        return params.learning_rate
    warmup = round(params.warmup * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=max(1, steps - warmup),
        warmup_target=params.learning_rate,
        warmup_steps=warmup,
    )


def _callbacks(params: Train, segments: int) -> list[Any]:
    """Early stopping with the best weights, the plateau's rate where it is chosen, and the bar."""
    stopping = keras.callbacks.EarlyStopping(
        patience=params.early_stopping_patience, restore_best_weights=True
    )
    plateau = keras.callbacks.ReduceLROnPlateau(
        factor=params.plateau_factor, patience=params.plateau_patience
    )
    falling = [plateau] if params.schedule == "plateau" else []
    return [stopping, *falling, ProgressBar(params.epochs, segments)]
