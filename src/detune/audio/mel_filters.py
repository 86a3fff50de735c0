"""The mel filter bank: the weight of each frequency of a Fourier transform in each band."""

from __future__ import annotations

from functools import cache

import numpy as np

from detune.audio.constants import FFT_SIZE, MEL_BANDS, SAMPLE_RATE
from detune.support.compiled import COMPILING

with COMPILING:
    from librosa.filters import mel

BLOCK = 16
"""Bands applied together: wide enough for a matrix product, few enough to skip most zeros."""


@cache
def mel_filters() -> np.ndarray:
    """Weights `(128, 1025)` float32 of the bins of a 2,048-point transform at 22,050 Hz.

    librosa's triangles on Slaney's scale from 0 to 11,025 Hz, each of area one.
    """
    # In double precision, so that they are rounded once.
    weights = mel(sr=SAMPLE_RATE, n_fft=FFT_SIZE, n_mels=MEL_BANDS, dtype=np.float64)
    return np.asarray(weights, dtype=np.float32)


def apply_mel_filters(power: np.ndarray) -> np.ndarray:
    """Power by band `(128, frames)` of a power spectrum `(frames, 1025)`, both float32."""
    blocks = [power[:, bins] @ weights for bins, weights in _blocks()]
    return np.asarray(np.concatenate(blocks, axis=1).T)


@cache
def _blocks() -> list[tuple[slice, np.ndarray]]:
    """The filters by blocks of bands: the bins where any weight is not 0, weights `(bins, bands)`.

    A band covers few bins, so that blocks take a sixth of the multiplications.
    """
    filters = mel_filters()
    blocks = []
    for at in range(0, MEL_BANDS, BLOCK):
        rows = filters[at : at + BLOCK]
        covered = np.flatnonzero(rows.any(axis=0))
        bins = slice(int(covered[0]), int(covered[-1]) + 1)
        blocks.append((bins, np.ascontiguousarray(rows[:, bins].T)))
    return blocks
