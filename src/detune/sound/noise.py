"""Noise to compare attacks on sound with: as loud, without a direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.fft

from detune.sound.level import radius

Noise = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""From samples `(n,)` to noise `(n,)` of any level."""


def white(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise with equal power at all frequencies."""
    return np.asarray(rng.standard_normal(samples.shape))


def shaped(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise with the spectrum of `samples`: their magnitudes, with random phases."""
    magnitudes = np.abs(scipy.fft.rfft(samples.astype(np.float64)))
    phases = rng.uniform(0, 2 * np.pi, magnitudes.shape)
    return np.asarray(scipy.fft.irfft(magnitudes * np.exp(1j * phases), len(samples)))


KINDS: dict[str, Noise] = {"white": white, "shaped": shaped}
"""Every kind of noise."""


def with_noise(
    samples: np.ndarray, snr: float, kind: str, seeds: Sequence[Sequence[int]]
) -> np.ndarray:
    """`samples` with noise added that is `snr` dB below them.

    Args:
        samples: `(n, samples)` float32 between -1 and 1, and so is the result.
        snr: of each segment, dB.
        kind: a key of `KINDS`.
        seeds: `n` seeds, one of each segment's noise.
    """
    noisy = np.empty_like(samples)
    for place, (segment, reach) in enumerate(zip(samples, radius(samples, snr), strict=True)):
        noise = KINDS[kind](segment, np.random.default_rng(seeds[place]))
        noisy[place] = np.clip(mixed(segment, noise, reach), -1, 1)
    return noisy


def mixed(segment: np.ndarray, noise: np.ndarray, reach: float) -> np.ndarray:
    """`segment` `(n,)` with `noise` of the length (L2) `reach`; silent noise changes nothing."""
    length = np.linalg.norm(noise)
    return np.asarray(segment + noise * (reach / length) if length else segment)
