"""A network of two genres that listens to two bands, and segments for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from detune.audio.constants import SHAPE
from detune.collection.dataset import IndexRow, Split
from detune.network.runtime import keras

BLUES_BAND, METAL_BAND = 10, 90
GENRES = ["blues", "metal"]


def listener() -> Any:
    """Logits are the mean levels of two bands, ten times."""
    inputs = keras.Input((*SHAPE, 1), name="segment")
    logits = keras.layers.Dense(2, use_bias=False)(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, logits)
    weights = np.zeros((*SHAPE, 2), np.float32)
    for label, band in enumerate((BLUES_BAND, METAL_BAND)):
        weights[band, :, label] = 10 / SHAPE[1]
    model.set_weights([weights.reshape(-1, 2)])
    return model


def segments(labels: list[int], seed: int, lead: float = 0.06) -> np.ndarray:
    """Noise whose own genre's band is louder by about `lead`."""
    values = np.random.default_rng(seed).uniform(0.4, 0.45, (len(labels), *SHAPE))
    for row, label in enumerate(labels):
        values[row, (BLUES_BAND, METAL_BAND)[label]] += lead
    return values.astype(np.float32)


def split(name: str, labels: list[int], seed: int, lead: float = 0.06) -> Split:
    """Two segments a song."""
    index = [
        IndexRow(
            name, row, f"{GENRES[label]}.{name}.{row // 2}", GENRES[label], label, row, 0, 0, 1
        )
        for row, label in enumerate(labels)
    ]
    return Split(segments(labels, seed, lead), index, GENRES)
