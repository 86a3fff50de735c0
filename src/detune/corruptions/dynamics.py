"""Level: quieter, clipped, compressed."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from detune.audio.constants import SAMPLE_RATE
from detune.corruptions.material import Material
from detune.sound.changes import amplified

SMOOTHING_SECONDS = 0.02
"""Time constant of the level that a compressor follows."""

THRESHOLD_DB = -30.0
"""Where compression begins, dB below the excerpt's highest level."""

SILENCE = 1e-12
"""Power below which there is no level."""


def gain(material: Material, decibels: float) -> np.ndarray:
    """Louder by `decibels` (quieter where negative), in 16 bit; what is too loud is clipped."""
    return amplified(material.segment, decibels)


def clipping(material: Material, decibels: float) -> np.ndarray:
    """Cut off `decibels` below the segment's peak."""
    segment = material.segment
    limit = np.abs(segment).max() * np.float32(10 ** (-decibels / 20))
    return np.asarray(np.clip(segment, -limit, limit))


def compression(material: Material, ratio: float) -> np.ndarray:
    """Of each dB above a threshold of -30 dB, only one in `ratio` remains."""
    samples = material.excerpt.samples
    decay = np.exp(-1 / (SMOOTHING_SECONDS * SAMPLE_RATE))
    power = lfilter([1 - decay], [1, -decay], np.square(samples, dtype=np.float64))
    level = 10 * np.log10(np.maximum(power, SILENCE))
    above = np.maximum(level - level.max() - THRESHOLD_DB, 0)
    reduced = samples * 10 ** (-above * (1 - 1 / ratio) / 20)
    return np.asarray(material.excerpt.segment(reduced), np.float32)
