"""Projected Gradient Descent that works on survivors only: fooled segments leave at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.surrender import Surrender, margins
from detune.attack.toolbox import ProjectedGradientDescentTensorFlowV2
from detune.chunks import CHUNK, WORKERS
from detune.runtime import tf


class SurvivorPGD(ProjectedGradientDescentTensorFlowV2):
    """ART's PGD (Madry et al. 2018), L-infinity, untargeted, without the wasted steps.

    A segment that is wrong from the start is not attacked. A segment that is fooled keeps the
    first iterate that fooled it, and its place goes to the next one waiting; so every step works
    on full chunks. This can only lower robust accuracy: a later iterate may drift back. A segment
    without hope of being fooled by the last step (see `Surrender`) leaves as well.
    """

    def __init__(
        self,
        estimator: CompiledClassifier,
        *,
        epsilon: float,
        step: float,
        steps: int,
        random_start: bool,
        seed: int,
        restarts: int = 1,
        give_up: float = 0.0,
    ) -> None:
        """Prepare the attack.

        Args:
            estimator: what to fool.
            epsilon: radius of the ball around each segment.
            step: how far an iteration moves every value.
            steps: iterations.
            random_start: begin at a random point of the ball instead of its centre.
            seed: with a segment's row, the seed of its own random start.
            restarts: attempts on a segment; all but the first begin at random points.
            give_up: a segment leaves when its margin, falling this many times as fast as so far,
                would not vanish (see `Surrender`); 0 lets each take all steps.
        """
        super().__init__(estimator, eps=epsilon, eps_step=step, max_iter=steps, verbose=False)
        self._random_start = random_start
        self._seed = seed
        self._restarts = restarts
        self._give_up = give_up

    def generate(
        self,
        x: np.ndarray,
        y: np.ndarray | None = None,
        finished: Callable[[int], Any] = lambda count: None,
        clean_logits: np.ndarray | None = None,
        **kwargs: Any,
    ) -> np.ndarray:
        """Attack segments against their true labels.

        Args:
            x: segments `(n, 128, 130, 1)` float32 in [0, 1].
            y: true labels `(n,)`; they are required.
            finished: called with the number of segments that are done, each time some are.
            clean_logits: logits `(n, genres)` of `x` where they are known, to save a pass.
            **kwargs: refused; ART's masks do not work on segments.

        Returns:
            Adversarial segments of the shape of `x`.
        """
        if y is None or kwargs:
            raise ValueError("give true labels, and no further options")
        labels = np.asarray(y)
        adversarial = x.copy()
        logits = self.estimator.predict(x) if clean_logits is None else clean_logits
        waiting = np.flatnonzero(logits.argmax(axis=1) == labels)
        finished(len(x) - len(waiting))
        for attempt in range(self._restarts):
            self._attempt(adversarial, x, labels, waiting, attempt=attempt, finished=finished)
            if attempt < self._restarts - 1:
                right = self.estimator.predict(adversarial[waiting]).argmax(axis=1)
                waiting = waiting[right == labels[waiting]]
        return adversarial

    def _attempt(
        self,
        adversarial: np.ndarray,
        x: np.ndarray,
        labels: np.ndarray,
        waiting: np.ndarray,
        *,
        attempt: int,
        finished: Callable[[int], Any],
    ) -> None:
        """Attack the rows `waiting` once."""
        surrender = Surrender(len(x), self.max_iter, self._reach(attempt), self._give_up)
        rows = taken = np.flatnonzero([])
        while len(waiting) or len(rows):
            joining, waiting = np.split(waiting, [CHUNK * WORKERS - len(rows)])
            adversarial[joining] = self._starts(x[joining], joining, attempt)
            rows = np.concatenate([rows, joining])
            taken = np.concatenate([taken, np.zeros(len(joining), dtype=np.int64)])
            found = self.advance(adversarial, x, labels, rows)
            stay = (found > 0) & ~surrender.hopeless(rows, taken, found)
            taken += 1
            stay &= taken < self.max_iter
            if attempt == 0:
                finished(int((~stay).sum()))
            rows, taken = rows[stay], taken[stay]

    def advance(
        self, adversarial: np.ndarray, x: np.ndarray, labels: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        """Move those of `rows` one step, in place, that are not yet fooled.

        Args:
            adversarial: iterates of all segments `(n, 128, 130, 1)`.
            x: the segments themselves.
            labels: true labels `(n,)`.
            rows: which of them to move.

        Returns:
            The margins of `rows` before the step; who has none left is fooled.
        """
        logits, gradient = self.estimator.logits_and_gradient(adversarial[rows], labels[rows])
        found = margins(logits, labels[rows])
        unsure = self.estimator.unsure(found)
        if unsure.any():
            logits = self.estimator.predict(adversarial[rows[unsure]])
            found[unsure] = margins(logits, labels[rows[unsure]])
        survived = found > 0
        moving = rows[survived]
        if len(moving):
            direction = tf.sign(tf.constant(np.nan_to_num(gradient[survived])))
            stepped = self._apply_perturbation(
                tf.constant(adversarial[moving]), direction, self.eps_step
            )
            origin = tf.constant(x[moving])
            adversarial[moving] = (
                origin + self._projection(stepped - origin, self.eps, self.norm)
            ).numpy()
        return found

    def _reach(self, attempt: int) -> int:
        """Steps in one direction that lead to the edge of the ball: twice as many from a side."""
        across = 2 if self._random_start or attempt else 1
        return int(np.ceil(across * self.eps / self.eps_step))

    def _starts(self, x: np.ndarray, rows: np.ndarray, attempt: int) -> np.ndarray:
        """Where the segments `x` in `rows` begin, whatever chunk they are attacked in."""
        if not (self._random_start or attempt):
            return x
        draws = [np.random.default_rng([self._seed, row, attempt]) for row in rows]
        noise = [draw.uniform(-self.eps, self.eps, x.shape[1:]) for draw in draws]
        return np.clip(x + np.asarray(noise, dtype=x.dtype).reshape(x.shape), 0.0, 1.0)
