"""When to give a segment up: its margin, at a multiple of its recent pace, will not vanish."""

from __future__ import annotations

import numpy as np

WINDOW = 5
"""Steps over which the pace of a segment's margin is taken at the edge of the ball."""

FIRST = 2
"""Steps after which there is a pace to go by."""

BEYOND = 2
"""Steps for which a segment still gains at its pace beyond the edge of the ball."""


def margins(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """By how much the true genre's logit leads the best other one, `(n,)`; negative if fooled.

    Args:
        logits: `(n, genres)`.
        labels: true labels `(n,)`.
    """
    rows = np.arange(len(labels))
    others = np.array(logits, dtype=np.float64)
    others[rows, labels] = -np.inf
    return np.asarray(logits[rows, labels] - others.max(axis=1))


class Surrender:
    """The lowest margins of segments under attack, step by step, and who is beyond hope.

    An attack in even steps gains about evenly until it reaches the edge of the ball, and ever more
    slowly from there. So a segment is given up when its lowest margin so far is more than `factor`
    times what is still to be gained: on the way to the edge, at the pace since the start, up to
    `BEYOND` it; once there, with all the steps left, at the pace of the last `WINDOW` steps.
    """

    def __init__(self, segments: int, steps: int, reach: int, factor: float) -> None:
        """Prepare the record.

        Args:
            segments: how many are attacked.
            steps: of the attack.
            reach: how many steps in one direction lead to the edge of the ball at most.
            factor: how many times its pace a segment's margin is trusted to fall; 0 gives no
                segment up.
        """
        self._lowest = np.full((steps + 1, segments), np.inf, dtype=np.float32)
        self._steps = steps
        self._reach = reach
        self._factor = factor

    def hopeless(self, rows: np.ndarray, taken: np.ndarray, found: np.ndarray) -> np.ndarray:
        """Note margins and tell which of `rows` to give up, `(n,)` bool.

        Args:
            rows: segments `(n,)`.
            taken: steps `(n,)` that each of them has taken, one more at each call.
            found: their margins `(n,)` now.
        """
        self._lowest[taken, rows] = np.minimum(self._lowest[np.maximum(taken - 1, 0), rows], found)
        if not self._factor:
            return np.zeros(len(rows), dtype=bool)
        under_way = taken < self._reach
        since = np.where(under_way, 0, np.maximum(taken - WINDOW, 0))
        end = np.where(under_way, min(self._reach + BEYOND, self._steps), self._steps)
        now, before = self._lowest[taken, rows], self._lowest[since, rows]
        gain = (before - now) / np.maximum(taken - since, 1) * (end - taken)
        return np.asarray((taken >= FIRST) & (now > self._factor * gain))
