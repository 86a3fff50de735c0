"""Short-time spectra of segments, in the frames of their spectrograms, and back."""

from __future__ import annotations

import numpy as np

from detune.audio.constants import FFT_SIZE, HOP, SEGMENT_SAMPLES
from detune.support.compiled import COMPILING

with COMPILING:
    from librosa.core.spectrum import istft, stft


def spectra(samples: np.ndarray) -> np.ndarray:
    """Spectra `(n, 1025, 130)` complex of `samples` `(n, 66150)`, zeros around them."""
    return np.asarray(stft(samples, n_fft=FFT_SIZE, hop_length=HOP, pad_mode="constant"))


def samples_of(spectrogram: np.ndarray) -> np.ndarray:
    """Samples `(n, 66150)` float32 whose spectra are nearest to `(n, 1025, 130)` (Griffin 1984)."""
    samples = istft(spectrogram, n_fft=FFT_SIZE, hop_length=HOP, length=SEGMENT_SAMPLES)
    return np.asarray(samples, dtype=np.float32)
