"""Mel spectrograms: from audio to decibels, and from a track to its scaled segments."""

from __future__ import annotations

import numpy as np

from detune.audio import SAMPLE_RATE
from detune.compiled import COMPILING
from detune.segments import FFT_SIZE, HOP, MEL_BANDS, SEGMENT_SAMPLES, Segments, segment_starts

with COMPILING:
    import librosa
    import librosa.feature.spectral


def mel_decibels(audio: np.ndarray) -> np.ndarray:
    """Mel spectrogram of `audio` `(n,)` at 22,050 Hz in dB below its loudest point.

    Returns:
        `(128, 1 + n // 512)` float32 between -80 and 0.
    """
    power = librosa.feature.melspectrogram(
        y=audio, sr=SAMPLE_RATE, n_fft=FFT_SIZE, hop_length=HOP, n_mels=MEL_BANDS
    )
    return np.asarray(librosa.power_to_db(power, ref=np.max), dtype=np.float32)


def cut_segments(audio: np.ndarray, count: int) -> Segments:
    """Cut `audio` `(n,)` at 22,050 Hz into at most `count` scaled segments.

    A segment without any dynamics (digital silence) becomes all zero, with `db_min == db_max`.
    """
    starts = segment_starts(audio.size, count)
    decibels = np.stack([mel_decibels(audio[at : at + SEGMENT_SAMPLES]) for at in starts])
    low, high = decibels.min(axis=(1, 2)), decibels.max(axis=(1, 2))
    span = np.maximum(high - low, np.finfo(np.float32).tiny)
    values = (decibels - low[:, None, None]) / span[:, None, None]
    return Segments(values.astype(np.float32), starts / SAMPLE_RATE, low, high)
