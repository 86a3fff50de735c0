"""The balls around segments of sound: how far an attack may go, as energy or below masking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.ndimage import minimum_filter

from detune.audio.constants import FFT_SIZE, HOP
from detune.sound.level import from_16_bit, to_16_bit
from detune.sound.spectra import samples_of, spectra

SHRINK, LEAST = 0.99, 0.8
"""A change is made so much smaller than its reach asks, at most to this share, in each round."""

SPREAD = (1, 5, 2 * FFT_SIZE // HOP - 1)
"""How far a change at one point reaches: two bins and three frames to both sides."""

HEADROOM = 0.7
"""What frames that overlap add up to stays below the threshold then, but for a few points."""

EDGE = FFT_SIZE // HOP // 2
"""Frames of which a part lies outside of the segment, at each end."""

TINY = 1e-30


class Ball(Protocol):
    """What changes of n segments are allowed; `rows` says of which of them."""

    def step(
        self, change: np.ndarray, direction: np.ndarray, shares: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        """Changes `(m, samples)` moved by shares of the radius `(m,)`, and back into the ball."""

    def reach(self, change: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """How far each change goes, `(m,)`; up to 1 it is in the ball."""


@dataclass(frozen=True)
class SnrBall:
    """The L2 ball that a signal-to-noise ratio allows.

    Attributes:
        radii: `(n,)` the length of a change, as `level.radius` gives it.
    """

    radii: np.ndarray

    def step(
        self, change: np.ndarray, direction: np.ndarray, shares: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        """Along the direction, as PGD in L2 does."""
        radii = self.radii[rows, None].astype(np.float32)
        length = np.linalg.norm(direction, axis=1, keepdims=True)
        moved = change + shares[:, None] * radii * direction / np.maximum(length, TINY)
        over = np.linalg.norm(moved, axis=1, keepdims=True) / np.maximum(radii, TINY)
        return np.asarray(moved / np.maximum(1, over))

    def reach(self, change: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Length of each change over the radius."""
        length = np.linalg.norm(change.astype(np.float64), axis=1)
        return np.asarray(length / np.maximum(self.radii[rows], TINY))


@dataclass(frozen=True)
class MaskingBall:
    """All changes whose spectra stay below a threshold at every point.

    Attributes:
        thresholds: `(n, 1025, 130)` the largest magnitudes.
        lowest_around: `(n, 1025, 130)` of the points that a change at this point also reaches, the
            lowest threshold, less a headroom: frames overlap, and the window spreads a tone.
    """

    thresholds: np.ndarray
    lowest_around: np.ndarray

    def step(
        self, change: np.ndarray, direction: np.ndarray, shares: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        """With the phase of the direction, by a share of the threshold at each point."""
        largest = self.lowest_around[rows]
        along = spectra(direction)
        along /= np.maximum(np.abs(along), TINY)
        moved = spectra(change) + shares[:, None, None].astype(np.float32) * largest * along
        return samples_of(moved / np.maximum(1, np.abs(moved) / np.maximum(largest, TINY)))

    def reach(self, change: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Largest magnitude over its threshold."""
        return np.asarray((np.abs(spectra(change)) / self.thresholds[rows]).max(axis=(1, 2)))


def masking_ball(thresholds: np.ndarray) -> MaskingBall:
    """The ball below `thresholds` `(n, 1025, 130)`.

    Nothing changes in the first and last frames, parts of which lie outside of the segment.
    """
    lowest = HEADROOM * minimum_filter(thresholds, SPREAD)
    lowest[..., :EDGE] = lowest[..., -EDGE:] = 0
    return MaskingBall(thresholds, lowest)


def noise_below(
    ball: MaskingBall, samples: np.ndarray, seeds: Sequence[Sequence[int]]
) -> np.ndarray:
    """`samples` `(n, 66150)` with noise as loud as `ball` allows, of random phases.

    Args:
        ball: around the segments.
        samples: of the segments.
        seeds: `n` seeds, one of each segment's noise.
    """
    noisy = np.empty_like(samples)
    for place, seed in enumerate(seeds):
        largest = ball.lowest_around[place]
        phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, largest.shape)
        noisy[place] = np.clip(samples[place] + samples_of(largest * np.exp(1j * phases)), -1, 1)
    return noisy


def store_in_ball(
    samples: np.ndarray, clean: np.ndarray, ball: Ball, rows: np.ndarray
) -> np.ndarray:
    """`samples` `(m, 66150)` as int16, their change of `clean` within `ball`.

    Rounding adds to a change; where that takes it out of the ball, the change is made smaller.

    Args:
        samples: segments after the change.
        clean: the same before it.
        ball: what changes are allowed.
        rows: `(m,)` which of its segments they are.
    """
    change, stored = samples - clean, to_16_bit(samples)
    outside: np.ndarray = np.arange(len(samples))
    while outside.size:
        reach = ball.reach(from_16_bit(stored[outside]) - clean[outside], rows[outside])
        outside, reach = outside[reach > 1], reach[reach > 1, None]
        change[outside] *= np.maximum(SHRINK / reach, LEAST).astype(np.float32)
        stored[outside] = to_16_bit(clean[outside] + change[outside])
    return np.asarray(stored)
