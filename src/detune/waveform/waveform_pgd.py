"""PGD on samples: in a ball of each segment's own."""

from __future__ import annotations

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import SurvivorPGD
from detune.waveform.balls import Ball


class WaveformPGD(SurvivorPGD):
    """Projected Gradient Descent (Madry et al. 2018) on samples, as `SurvivorPGD` on segments."""

    def __init__(
        self,
        estimator: CompiledClassifier,
        ball: Ball,
        *,
        relative_step: float,
        steps: int,
        abort_early: float = 0.0,
    ) -> None:
        """Prepare the attack.

        Args:
            estimator: what to fool; it takes samples `(n, 66150)`.
            ball: what changes are allowed, of the segments that will be attacked.
            relative_step: length of a step as a share of the ball's radius.
            steps: iterations.
            abort_early: as `SurvivorPGD`'s.
        """
        super().__init__(
            estimator,
            epsilon=1.0,
            step=relative_step,
            steps=steps,
            random_start=False,
            seed=0,
            abort_early=abort_early,
        )
        self._ball = ball

    def step(
        self, x: np.ndarray, origin: np.ndarray, gradient: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        """Move iterates `x` `(m, 66150)` along `gradient`, and back into the ball."""
        change = self._ball.step(x - origin, np.nan_to_num(gradient), self.eps_step, rows)
        return np.asarray(np.clip(origin + change, -1, 1), dtype=np.float32)
