"""PGD on samples: in a ball of each segment's own, with momentum and steps that shrink."""

from __future__ import annotations

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import Clean, Finished, Outcome, SurvivorPGD, unobserved
from detune.sound.level import from_16_bit
from detune.waveform.balls import Ball, store_in_ball

MOMENTUM = 0.9
"""What is kept of the directions so far (Dong et al. 2018, "Boosting Adversarial Attacks")."""

TINY = np.finfo(np.float32).tiny


class WaveformPGD(SurvivorPGD):
    """Projected Gradient Descent (Madry et al. 2018) on samples, as `SurvivorPGD` on segments.

    Steps shrink evenly from twice `relative_step` to none, and follow the mean direction so far.
    What the model is shown is the change rounded to 16 bit, and in the ball even so: every iterate
    is a sound that a file can hold.
    """

    def __init__(
        self, estimator: CompiledClassifier, ball: Ball, *, relative_step: float, steps: int
    ) -> None:
        """Prepare the attack.

        Args:
            estimator: what to fool; it takes samples `(n, 66150)`.
            ball: what changes are allowed, of the segments that will be attacked.
            relative_step: mean length of a step as a share of the ball's radius.
            steps: iterations.
        """
        super().__init__(
            estimator, epsilon=1.0, step=relative_step, steps=steps, random_start=False, seed=0
        )
        self._ball = ball

    def attack(self, clean: Clean, finished: Finished = unobserved) -> Outcome:
        """Attack segments of sound, as `SurvivorPGD.attack` does those of spectrograms."""
        self._direction, self._change = np.zeros_like(clean.x), np.zeros_like(clean.x)
        self._taken = np.zeros(len(clean.x), dtype=np.int64)
        return super().attack(clean, finished)

    def step(
        self, x: np.ndarray, origin: np.ndarray, gradient: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        """Move iterates `x` `(m, 66150)`, and back into the ball."""
        gradient = np.nan_to_num(gradient)
        length = np.linalg.norm(gradient, axis=1, keepdims=True)
        self._direction[rows] *= MOMENTUM
        self._direction[rows] += gradient / np.maximum(length, TINY)
        share = 2 * self.eps_step * (1 - self._taken[rows] / self.max_iter)
        self._taken[rows] += 1
        # Changes are added up as they are: steps may be smaller than what 16 bit can tell.
        change = self._ball.step(self._change[rows], self._direction[rows], share, rows)
        self._change[rows] = change
        return from_16_bit(store_in_ball(origin + change, origin, self._ball, rows))
