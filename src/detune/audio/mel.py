"""Mel spectrograms: from audio to decibels.

The same values as librosa's `melspectrogram` and `power_to_db`, in float32 and without what those
compute again at each call.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from detune.audio.constants import FFT_SIZE, HOP
from detune.audio.mel_filters import apply_mel_filters

RANGE_DB = 80.0
"""Nothing is further below the loudest point."""

MIN_POWER = 1e-10
"""Smaller powers count as this one."""

FRAMES_AT_ONCE = 44
"""Frames transformed together: their spectra stay in the processor's cache."""

HANN = np.sin(np.pi * np.arange(FFT_SIZE) / FFT_SIZE).astype(np.float32) ** 2
"""Hann's window, of period FFT_SIZE."""


def mel_decibels(audio: np.ndarray) -> np.ndarray:
    """Mel spectrogram of `audio` `(n,)` at 22,050 Hz in dB below its loudest point.

    Returns:
        `(128, 1 + n // 512)` float32 between -80 and 0.
    """
    decibels = np.log(np.maximum(mel_power(audio), MIN_POWER))
    decibels -= decibels.max()
    decibels *= np.float32(10 / np.log(10))
    return np.asarray(np.maximum(decibels, -RANGE_DB, out=decibels))


def mel_power(audio: np.ndarray) -> np.ndarray:
    """Mel spectrogram `(128, 1 + n // 512)` float32 of `audio` `(n,)` at 22,050 Hz as power."""
    return apply_mel_filters(_power(audio))


def _power(audio: np.ndarray) -> np.ndarray:
    """Power spectrum `(frames, 1025)` of frames centred on every 512th sample, zeros around."""
    padded = np.zeros(audio.size + FFT_SIZE, dtype=np.float32)
    padded[FFT_SIZE // 2 : FFT_SIZE // 2 + audio.size] = audio
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT_SIZE)[::HOP]
    power = np.empty((len(frames), FFT_SIZE // 2 + 1), dtype=np.float32)
    buffer = np.empty((FRAMES_AT_ONCE, FFT_SIZE), dtype=np.float32)
    for at in range(0, len(frames), FRAMES_AT_ONCE):
        rows = slice(at, at + FRAMES_AT_ONCE)
        windowed = np.multiply(frames[rows], HANN, out=buffer[: len(frames) - at])
        spectrum = scipy.fft.rfft(windowed)
        np.square(spectrum.real, out=power[rows])
        power[rows] += np.square(spectrum.imag)
    return power
