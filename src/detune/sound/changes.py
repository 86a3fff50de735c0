"""What files and other sample rates do to a sound."""

from __future__ import annotations

import numpy as np
import soxr

from detune.audio.constants import SAMPLE_RATE
from detune.sound.level import from_16_bit, to_16_bit


def stored(samples: np.ndarray) -> np.ndarray:
    """`samples` as a file of 16 bit gives them back; what is too loud is clipped."""
    return from_16_bit(to_16_bit(samples))


def amplified(samples: np.ndarray, decibels: float) -> np.ndarray:
    """`samples` louder by `decibels` (quieter where negative), in 16 bit."""
    return stored(samples * np.float32(10 ** (decibels / 20)))


def resampled(samples: np.ndarray, rate: float) -> np.ndarray:
    """`samples` `(n,)` at `rate` Hz and back, `(n,)`, by soxr."""
    back = soxr.resample(soxr.resample(samples, SAMPLE_RATE, rate), rate, SAMPLE_RATE)
    missing = max(0, len(samples) - len(back))  # by rounding
    return np.asarray(np.pad(back[: len(samples)], (0, missing)))
