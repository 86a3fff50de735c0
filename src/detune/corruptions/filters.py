"""Frequencies that are lost on the way: filters, telephones, lower sample rates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.signal import butter, sosfilt

from detune.audio.constants import SAMPLE_RATE
from detune.corruptions.material import Material
from detune.sound.changes import resampled

ORDER = 8
"""Of the Butterworth filters: 48 dB an octave."""


def low_pass(material: Material, cutoff: float) -> np.ndarray:
    """Without what lies above `cutoff` Hz."""
    return _filtered(material, butter(ORDER, cutoff, "lowpass", fs=SAMPLE_RATE, output="sos"))


def band_pass(material: Material, band: Sequence[float]) -> np.ndarray:
    """Without what lies below the first or above the second frequency of `band`, Hz."""
    # A band-pass of order n has twice as many poles, half of them on each side.
    return _filtered(material, butter(ORDER, band, "bandpass", fs=SAMPLE_RATE, output="sos"))


def resampling(material: Material, rate: float) -> np.ndarray:
    """At `rate` Hz and back, by soxr."""
    return material.excerpt.segment(resampled(material.excerpt.samples, rate))


def _filtered(material: Material, sections: np.ndarray) -> np.ndarray:
    excerpt = material.excerpt
    return np.asarray(excerpt.segment(sosfilt(sections, excerpt.samples)), np.float32)
