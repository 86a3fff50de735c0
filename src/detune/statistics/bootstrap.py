"""Means with their 95 % intervals, by bootstrap over songs: the one place intervals come from.

Segments of a song are alike, so songs, not segments, are what a new sample would replace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MIN_SONGS = 6
"""With fewer songs an interval by bootstrap is too narrow to build a sentence on."""

DRAWS = 2000
"""Samples of songs that are drawn."""

FLIPS = 9999
"""Random signs that are drawn for a p-value."""


@dataclass(frozen=True)
class Estimate:
    """A mean, its 95 % interval, and how many segments (or songs) and songs it rests on."""

    value: float
    low: float
    high: float
    segments: int
    songs: int

    def __neg__(self) -> Estimate:
        """The same of the negative values."""
        return Estimate(-self.value, -self.high, -self.low, self.segments, self.songs)

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True)
class Bootstrap:
    """Draws whole songs with replacement.

    Attributes:
        songs: the song of each segment `(n,)`; for figures of songs, their own names.
        seed: of the draws.
    """

    songs: Sequence[str]
    seed: int

    def at(self, rows: np.ndarray) -> Bootstrap:
        """The same for the segments in `rows` alone."""
        return Bootstrap([self.songs[row] for row in rows], self.seed)

    def interval(self, values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
        """Percentile interval of the mean of `values`.

        Args:
            values: `(n,)` a number, or whether it is right, for each segment.
            level: share of the draws inside the interval.
        """
        totals, sizes = self._totals(values)
        picks = np.random.default_rng(self.seed).integers(len(sizes), size=(DRAWS, len(sizes)))
        means = totals[picks].sum(axis=1) / sizes[picks].sum(axis=1)
        low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def sign_flip_p(self, values: np.ndarray) -> float:
        """Two-sided p-value of the mean of `values` `(n,)` being 0.

        The share of random signs of the songs' totals that give as large a mean (Fisher's
        randomisation test).
        """
        totals, _ = self._totals(values)
        signs = np.random.default_rng(self.seed).choice([-1.0, 1.0], size=(FLIPS, len(totals)))
        extreme = np.abs(signs @ totals) >= abs(totals.sum()) - 1e-9
        return float((1 + extreme.sum()) / (1 + FLIPS))

    def _totals(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The sum of `values` over each song, and how many each has, `(songs,)` both."""
        _, song = np.unique(np.asarray(self.songs), return_inverse=True)
        return np.bincount(song, weights=values), np.bincount(song)

    def estimate(self, values: np.ndarray) -> Estimate | None:
        """The mean of those of `values` that are known, with its interval.

        Args:
            values: `(n,)` a number for each segment; NaN where there is none.

        Returns:
            None where no value is known.
        """
        known = np.flatnonzero(np.isfinite(values))
        if not known.size:
            return None
        sample = self.at(known)
        low, high = sample.interval(values[known])
        return Estimate(float(values[known].mean()), low, high, len(known), len(set(sample.songs)))

    def share(self, name: str, right: np.ndarray) -> dict[str, float]:
        """The share of `right` `(n,)` as `name`, its interval as `<name>_low` and `<name>_high`."""
        low, high = self.interval(right)
        return {name: float(right.mean()), f"{name}_low": low, f"{name}_high": high}
