"""From an attacked spectrogram to a sound near the original whose spectrogram is close to it.

Frames overlap, and filters do too, so a sound may not have every spectrogram. The search is short:
more steps come closer (`python -m tests.benchmarks.sound_controls`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from detune.audio.constants import SEGMENT_SAMPLES, SHAPE
from detune.audio.mel_filters import mel_filters
from detune.network.chunks import CHUNK, map_chunks
from detune.network.runtime import tf
from detune.sound.front_end import FrontEnd
from detune.sound.spectra import samples_of, spectra

STEP = 1e-3
"""How far Adam moves a sample at first, as a share of the segment's RMS."""

DECAY, SQUARES_DECAY = 0.9, 0.99
"""Of Adam's averages (Kingma & Ba 2015) of gradients, and of their squares."""


def spread_over_bins(bands: np.ndarray) -> np.ndarray:
    """Values of mel bands `(n, 128, 130)` brought to bins `(n, 1025, 130)`.

    Each bin gets the mean over the bands that it lies in, weighted as the mel filters are; a bin
    in none gets 0.
    """
    return np.asarray(np.einsum("bk,nbt->nkt", _shares(), bands, optimize=True))


@cache
def _shares() -> np.ndarray:
    """The share of each band in each bin, `(128, 1025)`."""
    filters = mel_filters()
    totals = filters.sum(axis=0)
    return np.asarray(filters / np.where(totals > 0, totals, 1))


def filtered(samples: np.ndarray, change_db: np.ndarray) -> np.ndarray:
    """`samples` `(n, 66150)`, each mel band louder by `change_db` `(n, 128, 130)`, dB.

    Phases stay those of the original.
    """
    gains = 10 ** (spread_over_bins(change_db) / 20)
    return samples_of(spectra(samples) * gains.astype(np.float32))


def refined(samples: np.ndarray, wanted: np.ndarray, steps: int) -> np.ndarray:
    """Sounds whose segments are closer to those `wanted`, by Adam on the squared difference.

    Args:
        samples: `(n, 66150)` where it begins.
        wanted: `(n, 128, 130)` segments.
        steps: of the descent.
    """
    sounds, size = samples.copy(), np.sqrt(np.square(samples).mean(axis=1, keepdims=True))
    mean, squares = np.zeros_like(samples), np.zeros_like(samples)
    for step in range(1, steps + 1):
        parts = map_chunks(_descent(), sounds, wanted)
        gradient = np.concatenate([part[0] for part in parts])
        mean += (1 - DECAY) * (gradient - mean)
        squares += (1 - SQUARES_DECAY) * (np.square(gradient) - squares)
        root = np.sqrt(squares / (1 - SQUARES_DECAY**step))
        along = mean / (1 - DECAY**step) / np.maximum(root, np.finfo(np.float32).tiny)
        sounds -= STEP * size * along
    return sounds


@cache
def _descent() -> Any:
    """The graph from samples and wanted segments to the gradient of their squared difference."""
    front_end = FrontEnd()

    def gradient(samples: Any, wanted: Any) -> tuple[Any]:
        with tf.GradientTape() as tape:
            tape.watch(samples)
            loss = tf.reduce_sum(tf.square(front_end(samples)[..., 0] - wanted))
        return (tape.gradient(loss, samples),)

    signature = [tf.TensorSpec((CHUNK, *shape)) for shape in ((SEGMENT_SAMPLES,), SHAPE)]
    return tf.function(gradient, input_signature=signature)
