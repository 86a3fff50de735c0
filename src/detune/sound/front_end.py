"""The front end as a graph: from samples to the segment that `preprocess` makes of them.

In TensorFlow, so that gradients reach the samples: an attack on the sound itself goes through it.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from detune.audio.constants import FFT_SIZE, FRAMES, HOP, SEGMENT_SAMPLES, SHAPE
from detune.audio.mel import HANN, MIN_POWER, RANGE_DB
from detune.audio.mel_filters import mel_filters
from detune.network.chunks import CHUNK, map_chunks
from detune.network.runtime import keras, tf

PADDED = (FRAMES - 1) * HOP + FFT_SIZE
"""Samples from the first one of the first frame to the last one of the last frame."""

TO_DB = 10 / math.log(10)


class FrontEnd(keras.layers.Layer):
    """Samples `(n, 66150)` between -1 and 1 to segments `(n, 128, 130, 1)` between 0 and 1.

    The values of `cut_segments`, up to rounding; always in float32, whatever follows.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Prepare the layer; it has no weights."""
        super().__init__(**({"dtype": "float32"} | kwargs))

    def build(self, input_shape: Any) -> None:
        """Nothing to build."""
        self.built = True

    def call(self, samples: Any) -> Any:
        """The segments of `samples`."""
        decibels = TO_DB * tf.math.log(tf.maximum(mel_power(samples), MIN_POWER))
        decibels = tf.maximum(decibels - _extreme(tf.reduce_max, decibels), -RANGE_DB)
        low, high = _extreme(tf.reduce_min, decibels), _extreme(tf.reduce_max, decibels)
        # Silence has no range, and is all zero.
        values = tf.math.divide_no_nan(decibels - low, high - low)
        return values[..., None]

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """`(n, 128, 130, 1)`."""
        return (input_shape[0], *SHAPE, 1)


def mel_power(samples: Any) -> Any:
    """Mel spectrogram as power `(n, 128, 130)` of `samples` `(n, 66150)`."""
    spectrum = tf.signal.rfft(_frames(samples) * HANN)
    power = tf.square(tf.math.real(spectrum)) + tf.square(tf.math.imag(spectrum))
    return tf.transpose(tf.matmul(power, mel_filters().T), [0, 2, 1])


def _frames(samples: Any) -> Any:
    """Frames `(n, 130, 2048)` centred on every 512th sample, zeros around."""
    after = PADDED - FFT_SIZE // 2 - SEGMENT_SAMPLES
    padded = tf.pad(samples, [[0, 0], [FFT_SIZE // 2, after]])
    return tf.signal.frame(padded, FFT_SIZE, HOP)


def _extreme(reduce: Any, values: Any) -> Any:
    return reduce(values, axis=(1, 2), keepdims=True)


def compose(model: keras.Model) -> keras.Model:
    """The model that takes samples: the front end, then `model` from segments to logits."""
    samples = keras.Input((SEGMENT_SAMPLES,), dtype="float32")
    return keras.Model(samples, model(FrontEnd()(samples)))


def to_segments(samples: np.ndarray) -> np.ndarray:
    """Segments `(n, 128, 130)` float32 of `samples` `(n, 66150)`."""
    parts = map_chunks(_segments_graph(), samples)
    return np.concatenate([np.empty((0, *SHAPE), np.float32), *(part[0] for part in parts)])


@cache
def _segments_graph() -> Any:
    front_end = FrontEnd()
    return tf.function(
        lambda samples: (front_end(samples)[..., 0],),
        input_signature=[tf.TensorSpec((CHUNK, SEGMENT_SAMPLES))],
    )
