"""Rooms: reverberation."""

from __future__ import annotations

import numpy as np
from scipy.signal import fftconvolve

from detune.audio.constants import SAMPLE_RATE
from detune.corruptions.material import Material

PREDELAY_SECONDS = 0.005
"""When the first reflection comes."""

ROOM = 0
"""Seed of the reflections: all segments are played in one room."""


def reverberation(material: Material, seconds: float) -> np.ndarray:
    """In a room whose reflections take `seconds` to fall by 60 dB (its RT60)."""
    excerpt = material.excerpt
    played = fftconvolve(excerpt.samples.astype(np.float64), impulse_response(seconds))
    return np.asarray(excerpt.segment(played), np.float32)


def impulse_response(seconds: float) -> np.ndarray:
    """The sound, and after it reflections with as much energy that decay exponentially.

    Gaussian noise under an exponential decay is Polack's (1988) model of a room's late field.

    Args:
        seconds: in which the reflections fall by 60 dB.

    Returns:
        `(n,)`, until they have.
    """
    delay = round(PREDELAY_SECONDS * SAMPLE_RATE)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tail = np.random.default_rng(ROOM).standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    return np.concatenate([[1.0], np.zeros(delay - 1), tail / np.linalg.norm(tail)])
