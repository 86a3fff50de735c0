"""Bandwidth: the highest frequency of a track; old media and codecs cut off those above."""

from __future__ import annotations

import numpy as np
from scipy import signal

from detune.audio.constants import SAMPLE_RATE

WINDOW = 2048
"""Samples that a Fourier transform looks at; the spectra are averaged over the track."""

SMOOTHING = 9
"""Bins averaged, 97 Hz, so that a lone tone counts for little."""

FLOOR_DB = 70.0
"""Frequencies this far below the loudest one are not part of the sound."""


def bandwidth_hz(audio: np.ndarray) -> float:
    """The highest frequency in `audio` `(n,)` at 22,050 Hz that is not cut off; 0 for silence."""
    _, power = signal.welch(audio, SAMPLE_RATE, nperseg=min(WINDOW, audio.size))
    smooth = np.convolve(power, np.ones(SMOOTHING) / SMOOTHING, "same")
    audible = np.flatnonzero(smooth > smooth.max() * 10 ** (-FLOOR_DB / 10))
    return float(audible[-1] * SAMPLE_RATE / 2 / (len(smooth) - 1)) if audible.size else 0.0
