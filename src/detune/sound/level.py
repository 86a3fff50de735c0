"""How loud a change of a sound is beside the sound, and how samples are stored."""

from __future__ import annotations

import numpy as np

FULL = 32_767
"""The largest sample of 16 bit."""


def snr_db(clean: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Signal-to-noise ratio `(n,)` in dB: energy of `clean` over that of the change.

    Args:
        clean: samples `(n, samples)`.
        changed: the same after the change.

    Returns:
        inf where nothing changed; -inf where silence did.
    """
    signal, noise = (
        np.square(values, dtype=np.float64).sum(axis=1)
        for values in (clean, np.subtract(changed, clean, dtype=np.float64))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = 10 * np.log10(signal / noise)
    return np.asarray(np.where(noise == 0, np.inf, ratio))


def radius(clean: np.ndarray, snr: float) -> np.ndarray:
    """Euclidean length `(n,)` float64 of a change of `clean` `(n, samples)` at `snr` dB."""
    return np.asarray(np.linalg.norm(clean.astype(np.float64), axis=1) * 10 ** (-snr / 20))


def to_16_bit(samples: np.ndarray) -> np.ndarray:
    """`samples` between -1 and 1 as int16, rounded, without dither."""
    return np.asarray(np.clip(np.rint(samples * (FULL + 1)), -FULL - 1, FULL), dtype=np.int16)


def from_16_bit(samples: np.ndarray) -> np.ndarray:
    """int16 `samples` as float32 between -1 and 1, as files of them are read."""
    return np.asarray(samples, dtype=np.float32) / np.float32(FULL + 1)
