"""Controls: what is measured on a sample of segments to judge the attacks themselves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from detune.attack import methods
from detune.controls.attacked_sample import AttackedSample
from detune.controls.measurements import MEASUREMENTS, NO_LIMIT, Settings, Settled, take
from detune.network.runtime import keras
from detune.params.method_options import Noise, Pgd, Square
from detune.support.pool import on_cluster, parallel_map
from detune.support.progress import progress_bar

INFORMATIVE = (0.2, 0.8)
"""Share that PGD must leave correct for other attacks to be able to differ."""

TRIES = 6
"""How often epsilon is moved at most to get there."""

COUNT = 12
"""How many measurements there are, for the progress bar."""


class Controls:
    """Attacks on a sample of segments that the model gets right.

    Each measurement is a share of the sample that remains correct, or raw arrays for a check.
    """

    def __init__(
        self,
        model: keras.Model,
        segments: np.ndarray,
        labels: np.ndarray,
        *,
        epsilon: float,
        seed: int,
        precision: str = "float32",
    ) -> None:
        """Prepare the sample.

        Args:
            model: the model under attack.
            segments: the sample `(n, 128, 130)`.
            labels: true labels `(n,)`.
            epsilon: L-infinity radius that most attacks begin with; see `measure`.
            seed: of random starts and draws.
            precision: what the grid's gradients are computed in.
        """
        self._epsilon = epsilon
        self._sample = AttackedSample(model, segments, labels, seed=seed, precision=precision)

    def measure(self, pgd: Pgd, margin: Pgd, noise: Noise, square: Square) -> dict[str, Any]:
        """Take all measurements, with a progress bar; values are numbers or nested lists.

        Where PGD leaves nearly all or nearly none correct, no attack can differ from it; so
        epsilon moves first, until it leaves 20 to 80 %. The others don't depend on each other, and
        a cluster's workers take them, if there is one.

        Args:
            pgd: how PGD is set.
            margin: how PGD on a margin is set.
            noise: how noise is set.
            square: how the Square attack is set; its number of segments is that of the sample.

        Raises:
            UserError: the cluster fails.
        """
        with progress_bar("controls", "measurements", COUNT) as bar:
            settled = self._settle(Settings(pgd, margin, noise, square))
            measured: dict[str, Any] = {
                "segments": len(self._sample.clean.labels),
                "epsilon": settled.epsilon,
                "pgd": settled.robust,
            }
            bar.update()
            for found in _measured(settled):
                measured |= found
                bar.update(len(found))
        return measured

    def _settle(self, settings: Settings) -> Settled:
        """Move to an epsilon at which attacks can differ."""
        sample, epsilon = self._sample, self._epsilon
        for tries in range(TRIES + 1):
            outcome = sample.attacked(methods.pgd, settings.pgd, epsilon)
            robust = sample.left(outcome)
            informative = INFORMATIVE[0] <= robust <= INFORMATIVE[1]
            if informative or epsilon >= NO_LIMIT or tries == TRIES:
                break
            # Up by other steps than down, so that it does not come back to where it was.
            epsilon = min((0.5 if robust < INFORMATIVE[0] else 1.7) * epsilon, NO_LIMIT)
        return Settled(sample, settings, epsilon, outcome.adversarial, robust)


def _measured(settled: Settled) -> Iterator[dict[str, Any]]:
    """What each measurement finds: in this process, whose graphs are ready, or by a cluster."""
    one = partial(take, settled)
    if on_cluster():
        return parallel_map(one, MEASUREMENTS, label="parts of controls", unit="parts")
    return map(one, MEASUREMENTS)
