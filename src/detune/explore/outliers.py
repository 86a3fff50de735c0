"""Outliers: values far from those of most of a collection, by median and median deviation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FAR = 3.5
"""Robust z-scores beyond this are outliers (Iglewicz and Hoaglin 1993)."""

NORMAL = 1.4826
"""Standard deviations in the median absolute deviation of a normal distribution."""


def robust_scores(values: Sequence[float], least: float) -> np.ndarray:
    """How far each value lies from the median, in robust standard deviations, `(n,)`.

    Args:
        values: `(n,)` finite numbers.
        least: the smallest spread to measure with, so that where nearly all values agree a
            difference that nobody would notice is none.
    """
    points = np.asarray(values, dtype=np.float64)
    centred = points - np.median(points)
    return np.asarray(centred / max(least, NORMAL * float(np.median(np.abs(centred)))))
