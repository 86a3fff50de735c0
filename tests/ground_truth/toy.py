"""A network whose answer is known: it hears one band of the spectrum, and nothing else."""

from __future__ import annotations

import numpy as np

from detune.audio.constants import SHAPE
from detune.network.runtime import keras

BAND = slice(40, 72)
"""The mel bands that it hears."""


def band_listener(threshold: float = 0.5) -> keras.Model:
    """Genre 1 if the mean level in `BAND` is above `threshold`, else genre 0."""
    layers = keras.layers
    inputs = keras.Input((*SHAPE, 1))
    heard = layers.Cropping2D(((BAND.start, SHAPE[0] - BAND.stop), (0, 0)))(inputs)
    heard = layers.ZeroPadding2D(((BAND.start, SHAPE[0] - BAND.stop), (0, 0)))(heard)
    maps = layers.Conv2D(2, 1, activation="relu", use_bias=False, name="conv")(heard)
    logits = layers.Dense(2, name="logits")
    model = keras.Model(inputs, logits(layers.GlobalAveragePooling2D()(maps)))
    model.get_layer("conv").set_weights([np.array([[[[1.0, 0.5]]]], np.float32)])
    share = (BAND.stop - BAND.start) / SHAPE[0]
    weights = np.array([[0.0, 10.0], [0.0, 0.0]], np.float32)
    logits.set_weights([weights, np.array([10 * share * threshold, 0], np.float32)])
    return model


def band_mask() -> np.ndarray:
    """`BAND` as a mask `(128, 130)`."""
    mask = np.zeros(SHAPE, dtype=bool)
    mask[BAND] = True
    return mask
