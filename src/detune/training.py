"""Train the network: early stopping, learning rate on a plateau, the best weights kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
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


def train_model(
    train: Labelled, validation: Labelled, genres: int, params: Train
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Train a fresh network, and return it with the weights of its best epoch.

    The best epoch is the one with the lowest validation loss. The same arguments give the same
    weights, byte for byte, on one machine.

    Args:
        train: what the network learns from.
        validation: what stops training and lowers the learning rate.
        genres: how many genres there are.
        params: the recipe.

    Returns:
        The model, and a row of `HISTORY_COLUMNS` for each epoch.
    """
    keras.utils.set_random_seed(params.seed)
    model = build_model(
        genres, spatial_dropout=params.spatial_dropout, dense_dropout=params.dense_dropout
    )
    model.compile(
        keras.optimizers.Adam(params.learning_rate, weight_decay=params.weight_decay),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(
        train[0][..., None],
        train[1],
        batch_size=params.batch_size,
        epochs=params.epochs,
        validation_data=(validation[0][..., None], validation[1]),
        callbacks=_callbacks(params, len(train[1])),
        verbose=0,
    ).history
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
