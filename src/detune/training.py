"""Train the network: early stopping, learning rate on a plateau, the best weights kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from detune.model import build_model
from detune.params import Train
from detune.progress import progress_bar
from detune.runtime import keras

HISTORY_COLUMNS = ("epoch", "loss", "val_loss", "accuracy", "val_accuracy")

Labelled = tuple[np.ndarray, np.ndarray]
"""Segments `(n, 128, 130)` float32 and labels `(n,)`."""


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


class Crops(keras.utils.PyDataset):
    """Batches of random excerpts, drawn anew each epoch from a seed.

    The network averages over time, so it learns from excerpts of a segment as it does from whole
    ones, in proportionally less time, and never sees the same one twice.
    """

    def __init__(self, segments: Labelled, frames: int, batch_size: int, seed: int) -> None:
        """Prepare the batches.

        Args:
            segments: what to draw from.
            frames: length of an excerpt.
            batch_size: excerpts a batch; a last batch of one is left out, it has no variance.
            seed: of the order and the excerpts.
        """
        super().__init__()
        self._values, self._labels = segments
        self._frames, self._batch_size = min(frames, self._values.shape[2]), batch_size
        self._random = np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        """Batches an epoch."""
        whole, rest = divmod(len(self._labels), self._batch_size)
        return whole + (rest > 1)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Excerpts `(b, 128, frames, 1)` and labels `(b,)` of one batch."""
        rows = self._order[index * self._batch_size : (index + 1) * self._batch_size]
        cut = [
            self._values[row][:, s : s + self._frames]
            for row, s in zip(rows, self._starts[rows], strict=True)
        ]
        return np.stack(cut)[..., None], self._labels[rows]

    def on_epoch_end(self) -> None:
        """Draw the next epoch's order and excerpts."""
        count, spare = len(self._labels), self._values.shape[2] - self._frames
        self._order = self._random.permutation(count)
        self._starts = self._random.integers(spare + 1, size=count)


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
    learner = build(frames=None)
    learner.compile(
        keras.optimizers.Adam(params.learning_rate, weight_decay=params.weight_decay),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = learner.fit(
        Crops(train, params.crop_frames, params.batch_size, params.seed),
        epochs=params.epochs,
        validation_data=(validation[0][..., None], validation[1]),
        callbacks=_callbacks(params, len(train[1])),
        shuffle=False,
        verbose=0,
    ).history
    model = build()
    model.set_weights(learner.get_weights())
    rows = [
        {"epoch": epoch} | {name: float(history[name][epoch - 1]) for name in HISTORY_COLUMNS[1:]}
        for epoch in range(1, len(history["loss"]) + 1)
    ]
    return model, rows


def _callbacks(params: Train, segments: int) -> list[Any]:
    """Early stopping with the best weights, learning rate on a plateau, and the bar."""
    return [
        keras.callbacks.EarlyStopping(
            patience=params.early_stopping_patience, restore_best_weights=True
        ),
        keras.callbacks.ReduceLROnPlateau(
            factor=params.plateau_factor, patience=params.plateau_patience
        ),
        ProgressBar(params.epochs, segments),
    ]
