"""Outliers: values far from most others, by median and median absolute deviation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

OUTLIER_SCORE = 3.5
"""Robust z-scores beyond this are outliers (Iglewicz and Hoaglin 1993)."""

SIGMA_OF_MAD = 1.4826
"""Standard deviations in the median absolute deviation of a normal distribution."""


def robust_scores(values: Sequence[float], min_spread: float) -> np.ndarray:
    """The distance of each value from the median, in robust standard deviations, `(n,)`.

    Args:
        values: `(n,)` finite numbers.
        min_spread: the smallest spread to measure with: where nearly all values agree, a difference
            that nobody would notice makes no outlier.
    """
    points = np.asarray(values, dtype=np.float64)
    centred = points - np.median(points)
    return np.asarray(centred / max(min_spread, SIGMA_OF_MAD * float(np.median(np.abs(centred)))))
