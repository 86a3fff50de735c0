"""The smallest epsilon at which PGD turns each segment, found by shrinking the ball."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import BATCH
from detune.statistics.scores import margins, softmax

COLD_STEPS = 40
"""Steps of a trial from the segment itself, each a tenth of the ball's radius: as the study's."""

WARM_STEPS = 20
"""Steps of a trial from the nearest adversarial segment found so far."""

RELATIVE_STEP = 0.1
"""A step's size as a share of the radius, at the beginning of a trial."""

DECAY = 0.85
"""What the step of a warm trial is multiplied with each time."""

SHRINK = 0.9
"""What the radius is multiplied with as long as every trial succeeds."""

PATIENCE = 3
"""Steps of a warm trial before it can be seen to stall."""

OPTIMISM = 4.0
"""How many times its pace a margin is trusted to fall."""


@dataclass(frozen=True)
class Minimum:
    """What was found of n segments.

    Attributes:
        epsilons: `(n,)` the smallest epsilon that turns each: 0 where it is wrong as it is,
            infinity where not even a radius of 1 does.
        adversarial: `(n, 128, 130, 1)` the segments turned by so much, or as they were.
        gradients: how many segment gradients that took.
    """

    epsilons: np.ndarray
    adversarial: np.ndarray
    gradients: int


def find_minimum(
    classifier: CompiledClassifier,
    x: np.ndarray,
    labels: np.ndarray,
    *,
    tolerance: float = 0.01,
    finished: Callable[[int], Any] = lambda count: None,
) -> Minimum:
    """Find the smallest epsilon that turns each segment, up to `tolerance`.

    A first trial begins at the segment, with twice the radius that a linear model would need
    (DeepFool, Moosavi-Dezfooli et al. 2016). Then the ball shrinks: each trial begins at the
    nearest adversarial segment so far, brought into a smaller ball, as in FMN (Pintor et al.
    2021); between the largest radius that failed and the smallest that succeeded it bisects. In
    the end a trial from the segment itself must fail at a radius smaller by the tolerance, or the
    search goes on from what it finds. The result is an upper bound, as with any attack.

    Args:
        classifier: what to fool; its loss should be cross-entropy.
        x: segments `(n, 128, 130, 1)` float32 in [0, 1].
        labels: true labels `(n,)`.
        tolerance: how far above the largest radius that failed a result may lie, as a share.
        finished: called with how many more segments are done.
    """
    before = classifier.gradients
    search = _Search(classifier, x, labels, tolerance)
    waiting = search.begin()
    finished(len(x) - len(waiting))
    rows = waiting[:0]
    while len(waiting) or len(rows):
        joining, waiting = np.split(waiting, [BATCH - len(rows)])
        rows = search.advance(np.concatenate([rows, joining]))
        finished(search.just_done)
    return Minimum(search.radius, search.nearest, classifier.gradients - before)


class _Search:
    """The state of the search, by segment."""

    def __init__(
        self, classifier: CompiledClassifier, x: np.ndarray, labels: np.ndarray, tolerance: float
    ) -> None:
        self._classifier = classifier
        self._x = x
        self._labels = labels
        self._tolerance = tolerance
        self.radius = np.full(len(x), np.inf)
        self.nearest = x.copy()
        self.just_done = 0
        self._failed = np.zeros(len(x))
        self._trial = np.zeros(len(x))
        self._iterates = x.copy()
        self._taken = np.zeros(len(x), dtype=np.int64)
        self._last_margin = np.full(len(x), np.inf)
        self._cold = np.ones(len(x), dtype=bool)

    def begin(self) -> np.ndarray:
        """Which segments are to be turned; those that are wrong as they are need no change."""
        right = self._classifier.predict(self._x).argmax(axis=1) == self._labels
        self.radius[~right] = 0.0
        return np.flatnonzero(right)

    def advance(self, rows: np.ndarray) -> np.ndarray:
        """Judge the iterates of `rows`, move them, and return those that are not done."""
        logits, gradient = self._classifier.logits_and_gradient(
            self._iterates[rows], self._labels[rows]
        )
        now = margins(logits, self._labels[rows])
        unsure = self._classifier.unsure(now, float(np.abs(logits).max(initial=0.0)))
        if unsure.any():
            saved = self._classifier.predict(self._iterates[rows[unsure]])
            now[unsure] = margins(saved, self._labels[rows[unsure]])
        self._first_radius(rows, now, logits, gradient)
        succeeded = ~(now > 0)
        failed = ~succeeded & self._trial_failed(rows, now)
        before = self.radius[rows]
        last = self._cold[rows] & np.isfinite(before)
        self._record(rows[succeeded])
        self._failed[rows[failed]] = self._trial[rows[failed]]
        # A success that is no nearer: the radius is as small as float32 can tell.
        no_nearer = succeeded & (self.radius[rows] >= before)
        done = self._unreachable(rows) | no_nearer | (last & failed)
        self.just_done = int(done.sum())
        self._begin_trial(rows[(succeeded | failed) & ~done])
        moving = ~(succeeded | failed)
        self._last_margin[rows[moving]] = now[moving]
        self._move(rows[moving], gradient[moving])
        return np.asarray(rows[~done])

    def _first_radius(
        self, rows: np.ndarray, now: np.ndarray, logits: np.ndarray, gradient: np.ndarray
    ) -> None:
        """Twice what a linear model would need, for those that begin."""
        new = self._trial[rows] == 0
        # The slope of cross-entropy is that of the margin times the probability of the others.
        probabilities = softmax(logits[new].astype(np.float64))
        others = 1 - probabilities[np.arange(len(probabilities)), self._labels[rows[new]]]
        slopes = np.abs(np.nan_to_num(gradient[new])).sum(axis=(1, 2, 3))
        slopes = slopes / np.maximum(others, 1e-12)
        self._trial[rows[new]] = np.clip(2 * now[new] / np.maximum(slopes, 1e-12), 1e-6, 1.0)

    def _trial_failed(self, rows: np.ndarray, now: np.ndarray) -> np.ndarray:
        """Which trials have taken all their steps, or would not succeed at their pace."""
        cold = self._cold[rows]
        limit = np.where(cold, COLD_STEPS, WARM_STEPS)
        taken = self._taken[rows]
        pace = np.maximum(self._last_margin[rows] - now, 0.0)
        stalled = ~cold & (taken >= PATIENCE) & (now > OPTIMISM * pace * (limit - taken))
        return np.asarray((taken >= limit) | stalled)

    def _record(self, rows: np.ndarray) -> None:
        """Keep the iterates of `rows`, which are adversarial."""
        sizes = np.abs(self._iterates[rows] - self._x[rows]).max(axis=(1, 2, 3), initial=0.0)
        nearer = sizes < self.radius[rows]
        self.radius[rows[nearer]] = sizes[nearer]
        self.nearest[rows[nearer]] = self._iterates[rows[nearer]]
        # A radius that failed before and now succeeds bounds nothing.
        refuted = self.radius[rows] <= self._failed[rows]
        self._failed[rows[refuted]] = 0.0

    def _unreachable(self, rows: np.ndarray) -> np.ndarray:
        """Where not even the whole range suffices."""
        return np.asarray(np.isinf(self.radius[rows]) & (self._failed[rows] >= 1.0))

    def _begin_trial(self, rows: np.ndarray) -> None:
        """Choose the next radius of `rows`, and where they begin."""
        radius, failed = self.radius[rows], self._failed[rows]
        first = np.isinf(radius)
        last = ~first & (radius <= (1 + self._tolerance) * failed)
        cold = first | last
        with np.errstate(invalid="ignore"):
            shrunk = np.where(failed > 0, np.sqrt(radius * failed), SHRINK * radius)
            shrunk = np.where(last, radius / (1 + self._tolerance), shrunk)
        self._trial[rows] = np.where(first, np.minimum(2 * failed, 1.0), shrunk)
        self._cold[rows] = cold
        start = np.where(cold[:, None, None, None], self._x[rows], self.nearest[rows])
        self._iterates[rows] = self._inside(rows, start)
        self._taken[rows] = 0
        self._last_margin[rows] = np.inf

    def _move(self, rows: np.ndarray, gradient: np.ndarray) -> None:
        """A step of `rows` along the signs of their gradient, and back into the ball."""
        cold = self._cold[rows]
        shares = RELATIVE_STEP * np.where(cold, 1.0, DECAY ** self._taken[rows])
        steps = (shares * self._trial[rows]).astype(np.float32)[:, None, None, None]
        direction = np.sign(np.nan_to_num(gradient))
        self._iterates[rows] = self._inside(rows, self._iterates[rows] + steps * direction)
        self._taken[rows] += 1

    def _inside(self, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
        """`values` within the ball of the trial and the range of spectrograms."""
        radius = self._trial[rows].astype(np.float32)[:, None, None, None]
        low = np.maximum(self._x[rows] - radius, 0.0)
        high = np.minimum(self._x[rows] + radius, 1.0)
        return np.clip(values, low, high).astype(np.float32)
