"""A running average of a network's weights, steadier than the weights themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class RunningAverage:
    """Exponential moving average of arrays (Polyak & Juditsky 1992).

    In the first steps it changes faster, so that it does not depend on the initial weights.

    Attributes:
        arrays: the average; empty before the first step.
        steps: how many have been averaged.
    """

    def __init__(self, keep: float) -> None:
        """Set how slow the average is.

        Args:
            keep: share of the average kept at a step; 0 is no average but the latest.
        """
        self._keep = keep
        self.arrays: list[np.ndarray] = []
        self.steps = 0

    def add(self, arrays: Sequence[np.ndarray]) -> None:
        """Add the arrays of a step."""
        keep = min(self._keep, (1 + self.steps) / (10 + self.steps)) if self.arrays else 0.0
        self.steps += 1
        if not keep:
            self.arrays = list(arrays)
            return
        pairs = zip(self.arrays, arrays, strict=True)
        self.arrays = [keep * average + (1 - keep) * array for average, array in pairs]
