"""Means with their 95 % intervals, by bootstrap over songs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detune.scores import bootstrap_interval

MIN_SONGS = 6
"""With fewer songs an interval by bootstrap is too narrow to build a sentence on."""


@dataclass(frozen=True)
class Estimate:
    """A mean over segments, its 95 % interval, and how many segments and songs it rests on."""

    value: float
    low: float
    high: float
    segments: int
    songs: int

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def estimate(values: np.ndarray, tracks: Sequence[str], *, seed: int) -> Estimate | None:
    """The mean of those of `values` that are known.

    Args:
        values: `(n,)` a number for each segment; NaN where there is none.
        tracks: the track of each segment.
        seed: of the bootstrap over songs.

    Returns:
        None where no value is known.
    """
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return None
    songs = [tracks[row] for row in known]
    low, high = bootstrap_interval(values[known], songs, seed=seed)
    return Estimate(float(values[known].mean()), low, high, len(known), len(set(songs)))
