"""Played at another tempo or pitch, by librosa's phase vocoder."""

from __future__ import annotations

import numpy as np

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES
from detune.corruptions.material import AFTER, MARGIN, Material
from detune.support.compiled import COMPILING

with COMPILING:
    from librosa.effects import pitch_shift, time_stretch


def tempo(material: Material, percent: float) -> np.ndarray:
    """Faster by `percent` (slower where negative), at the same pitch.

    The middle of the segment stays in the middle, as far as its track reaches.
    """
    rate = 1 + percent / 100
    excerpt = material.excerpt.near(AFTER)
    stretched = time_stretch(excerpt.samples, rate=rate)
    middle = (excerpt.begin + SEGMENT_SAMPLES / 2) / rate
    start = int(np.clip(middle - SEGMENT_SAMPLES / 2, 0, len(stretched) - SEGMENT_SAMPLES))
    return np.asarray(stretched[start : start + SEGMENT_SAMPLES], np.float32)


def pitch(material: Material, semitones: float) -> np.ndarray:
    """Higher by `semitones` (lower where negative), at the same tempo."""
    excerpt = material.excerpt.near(MARGIN)
    shifted = pitch_shift(excerpt.samples, sr=SAMPLE_RATE, n_steps=semitones, res_type="soxr_hq")
    return np.asarray(excerpt.segment(shifted), np.float32)
