"""Bandwidth: up to which frequency a track sounds, which old carriers and codecs cut off."""

from __future__ import annotations

import numpy as np
from scipy import signal

from detune.audio.format import SAMPLE_RATE

WINDOW = 2048
"""Samples that a Fourier transform looks at; the spectra are averaged over the track."""

SMOOTHING = 9
"""Bins averaged, 97 Hz, so that a lone tone counts for little."""

FLOOR_DB = 70.0
"""What lies this far below the loudest frequency is no longer part of the sound."""


def bandwidth_hz(audio: np.ndarray) -> float:
    """The highest frequency in `audio` `(n,)` at 22,050 Hz that is not cut off; 0 for silence."""
    _, power = signal.welch(audio, SAMPLE_RATE, nperseg=min(WINDOW, audio.size))
    smooth = np.convolve(power, np.ones(SMOOTHING) / SMOOTHING, "same")
    heard = np.flatnonzero(smooth > smooth.max() * 10 ** (-FLOOR_DB / 10))
    return float(heard[-1] * SAMPLE_RATE / 2 / (len(smooth) - 1)) if heard.size else 0.0
