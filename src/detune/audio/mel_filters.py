"""The mel filter bank: how much each band hears of each frequency of a Fourier transform."""

from __future__ import annotations

from functools import cache

import numpy as np

from detune.audio.format import FFT_SIZE, MEL_BANDS, SAMPLE_RATE

LINEAR_BELOW = 1000.0
"""Hz up to which mels are proportional to frequency; above, they follow its logarithm."""

MELS_BELOW = 15.0
"""Mels up to there."""

LOG_STEP = np.log(6.4) / 27.0
"""Growth of the logarithm of frequency by one mel, above."""

BLOCK = 16
"""Bands applied together: wide enough for a matrix product, few enough to skip what they miss."""


def mel_filters() -> np.ndarray:
    """Weights `(128, 1025)` of the bins of a 2,048-point transform at 22,050 Hz.

    Triangles on Slaney's scale from 0 to 11,025 Hz, each of area one, as librosa has them.
    """
    top = MELS_BELOW + np.log(SAMPLE_RATE / 2 / LINEAR_BELOW) / LOG_STEP
    edges = _hertz(np.linspace(0.0, top, MEL_BANDS + 2))[:, None]
    bins = np.arange(FFT_SIZE // 2 + 1) * (SAMPLE_RATE / FFT_SIZE)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    heights = 2.0 / (edges[2:] - edges[:-2])
    return np.asarray(heights * np.maximum(0.0, np.minimum(rising, falling)), dtype=np.float32)


def apply_mel_filters(power: np.ndarray) -> np.ndarray:
    """Power by band `(128, frames)` of a power spectrum `(frames, 1025)`, both float32."""
    blocks = [power[:, bins] @ weights for bins, weights in _blocks()]
    return np.asarray(np.concatenate(blocks, axis=1).T)


@cache
def _blocks() -> list[tuple[slice, np.ndarray]]:
    """The filters by blocks of bands: the bins that any of them hears, weights `(bins, bands)`.

    A band hears few bins, so that blocks take a sixth of the multiplications.
    """
    filters = mel_filters()
    blocks = []
    for at in range(0, MEL_BANDS, BLOCK):
        rows = filters[at : at + BLOCK]
        heard = np.flatnonzero(rows.any(axis=0))
        bins = slice(int(heard[0]), int(heard[-1]) + 1)
        blocks.append((bins, np.ascontiguousarray(rows[:, bins].T)))
    return blocks


def _hertz(mels: np.ndarray) -> np.ndarray:
    """Frequencies of `mels` in Hz."""
    linear = mels * (LINEAR_BELOW / MELS_BELOW)
    return np.where(
        mels < MELS_BELOW, linear, LINEAR_BELOW * np.exp(LOG_STEP * (mels - MELS_BELOW))
    )
