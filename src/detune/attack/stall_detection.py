"""Early stopping of attacks: a margin that, at a multiple of its recent pace, will not vanish."""

from __future__ import annotations

import numpy as np

WINDOW = 5
"""Steps over which the pace of a margin is taken at the edge of the ball."""

FIRST = 2
"""Steps after which there is a pace to go by."""

BEYOND = 2
"""Steps for which a margin still falls at its pace beyond the edge of the ball."""


class StallDetector:
    """The lowest margins of items under attack, step by step, and which of them have stalled.

    An item is a segment or a song. An attack in even steps gains about evenly until it reaches
    the edge of the ball, and ever more slowly from there. So an item has stalled when its lowest
    margin so far is more than `factor` times what is still to be gained: on the way to the edge,
    at the pace since the start, up to `BEYOND` it; once there, with all the steps left, at the
    pace of the last `WINDOW` steps.
    """

    def __init__(self, items: int, steps: int, reach: int, factor: float) -> None:
        """Prepare the record.

        Args:
            items: how many are attacked.
            steps: of the attack.
            reach: how many steps in one direction lead to the edge of the ball at most.
            factor: how many times its pace a margin is trusted to fall; 0 stops nothing early.
        """
        self._lowest = np.full((steps + 1, items), np.inf, dtype=np.float32)
        self._steps = steps
        self._reach = reach
        self._factor = factor

    def stalled(self, items: np.ndarray, taken: np.ndarray, now: np.ndarray) -> np.ndarray:
        """Record margins and return which of `items` have stalled, `(n,)` bool.

        Args:
            items: `(n,)`.
            taken: steps `(n,)` that each of them has taken, one more at each call.
            now: their margins `(n,)`.
        """
        self._lowest[taken, items] = np.minimum(self._lowest[np.maximum(taken - 1, 0), items], now)
        if not self._factor:
            return np.zeros(len(items), dtype=bool)
        under_way = taken < self._reach
        since = np.where(under_way, 0, np.maximum(taken - WINDOW, 0))
        end = np.where(under_way, min(self._reach + BEYOND, self._steps), self._steps)
        lowest, before = self._lowest[taken, items], self._lowest[since, items]
        gain = (before - lowest) / np.maximum(taken - since, 1) * (end - taken)
        return np.asarray((taken >= FIRST) & (lowest > self._factor * gain))
