"""The study's network: four blocks of two convolutions, 1,440,618 parameters for ten genres."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from detune.audio.constants import SHAPE
from detune.network.precision import computing_in
from detune.network.runtime import keras

layers = keras.layers

FILTERS = (32, 64, 128, 256)
"""Feature maps of the four blocks."""

UNITS = (512, 256)
"""Units of the two hidden dense layers."""

NORM_MOMENTUM = 0.9
"""Share of the running mean kept at each step; Keras's 0.99 is too slow for short trainings."""


def build_model(
    genres: int,
    *,
    spatial_dropout: float,
    dense_dropout: float,
    frames: int | None = SHAPE[1],
    norm: Any = layers.BatchNormalization,
    precision: str = "float32",
) -> keras.Model:
    """Build the network with fresh weights.

    Args:
        genres: how many genres it distinguishes.
        spatial_dropout: share of the feature maps dropped after each block in training.
        dense_dropout: share of the units dropped after each hidden dense layer in training.
        frames: how long its input is; None takes any length, with the same weights.
        norm: the layer that normalises, with the weights of Keras's own.
        precision: what all but the logits is computed in, float32 or bfloat16.

    Returns:
        A model from segments `(n, 128, frames, 1)` in [0, 1] to logits `(n, genres)`.
    """
    dtype = computing_in(precision)
    convolution = partial(layers.Conv2D, kernel_size=3, padding="same", dtype=dtype)
    dense, relu = partial(layers.Dense, dtype=dtype), partial(layers.ReLU, dtype=dtype)
    norm = partial(norm, momentum=NORM_MOMENTUM, dtype=dtype)
    inputs = x = keras.Input((SHAPE[0], frames, 1), name="segment")
    for block, filters in enumerate(FILTERS, start=1):
        for half in "ab":
            name = f"block{block}{half}"
            x = convolution(filters, name=f"{name}_conv")(x)
            x = norm(name=f"{name}_norm")(x)
            x = relu(name=f"{name}_relu")(x)
        x = layers.MaxPooling2D(2, dtype=dtype, name=f"block{block}_pool")(x)
        x = layers.SpatialDropout2D(spatial_dropout, dtype=dtype, name=f"block{block}_dropout")(x)
    x = layers.GlobalAveragePooling2D(dtype=dtype, name="average")(x)
    for number, units in enumerate(UNITS, start=1):
        name = f"dense{number}"
        x = dense(units, name=name)(x)
        x = norm(name=f"{name}_norm")(x)
        x = relu(name=f"{name}_relu")(x)
        x = layers.Dropout(dense_dropout, dtype=dtype, name=f"{name}_dropout")(x)
    return keras.Model(inputs, layers.Dense(genres, name="logits")(x), name="genre_cnn")


def trainable_parameters(model: keras.Model) -> int:
    """How many trainable parameters there are."""
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
