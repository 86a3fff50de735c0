"""Controls: what is measured on a sample of segments to judge the attacks themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from detune.attack import methods
from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import Clean, Outcome
from detune.network.runtime import keras
from detune.params.methods import Noise, Pgd, Square
from detune.statistics.scores import cross_entropies
from detune.support.progress import progress_bar

INFORMATIVE = (0.2, 0.8)
"""Share that PGD must leave correct for other attacks to be able to differ."""

TRIES = 6
"""How often epsilon is moved at most to get there."""

NO_LIMIT = 1.0
"""The epsilon at which every spectrogram is allowed."""

MEASUREMENTS = 12
"""How many there are, for the progress bar."""

NEARBY = 4
"""Random points around each of those where the smoothness of the loss is measured."""

RADIUS = 0.1
"""How far from it they are at most, as a share of epsilon: a step of PGD as it is usually set."""


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
        self._seed = seed
        self._classifier = CompiledClassifier(model, precision=precision)
        self._margin = CompiledClassifier(model, loss="margin", precision=precision)
        exact = self._classifier.precision == "float32"
        self._exact = self._classifier if exact else CompiledClassifier(model)
        x = segments[..., None]
        self._clean = Clean(x, labels, self._classifier.predict(x))

    def measure(self, pgd: Pgd, margin: Pgd, noise: Noise, square: Square) -> dict[str, Any]:
        """Take all measurements, with a progress bar; values are numbers or nested lists.

        Where PGD leaves nearly all or nearly none correct, no attack can differ from it; so
        epsilon moves first, until it leaves 20 to 80 %.

        Args:
            pgd: how PGD is set.
            margin: how PGD on a margin is set.
            noise: how noise is set.
            square: how the Square attack is set; its number of segments is that of the sample.
        """
        with progress_bar("controls", "measurements", MEASUREMENTS) as bar:
            settled = self._settle(pgd)
            robust = self._robust(settled)
            measured: dict[str, Any] = {
                "segments": len(self._clean.labels),
                "epsilon": self._epsilon,
                "pgd": robust,
            }
            bar.update()
            for part in (
                self._of_the_model(pgd, settled),
                self._of_the_attacks(pgd, margin, noise, square, robust),
            ):
                for name, value in part:
                    measured[name] = value
                    bar.update()
        return measured

    def _settle(self, pgd: Pgd) -> Outcome:
        """Move to an epsilon at which attacks can differ; return what PGD does there."""
        outcome = self._attacked(methods.pgd, pgd)
        for _ in range(TRIES):
            robust = self._robust(outcome)
            if INFORMATIVE[0] <= robust <= INFORMATIVE[1] or self._epsilon >= NO_LIMIT:
                break
            # Up by other steps than down, so that it does not come back to where it was.
            factor = 0.5 if robust < INFORMATIVE[0] else 1.7
            self._epsilon = min(factor * self._epsilon, NO_LIMIT)
            outcome = self._attacked(methods.pgd, pgd)
        return outcome

    def _of_the_model(self, pgd: Pgd, settled: Outcome) -> Iterator[tuple[str, Any]]:
        """What it says of the same segments again, and close to them."""
        clean = self._clean
        # Alone, each segment has other company than in its chunk; nothing must depend on that.
        alone = [self._classifier.predict(segment[None])[0] for segment in clean.x]
        yield "logits", [clean.logits.tolist(), np.asarray(alone).tolist()]
        losses, nearby = self._losses_nearby(settled)
        yield "losses", losses.tolist()
        yield "losses_nearby", nearby.tolist()
        unmoved = self._attacked(methods.pgd, pgd, epsilon=0.0).adversarial
        yield "zero_epsilon", self._classifier.predict(unmoved).argmax(axis=1).tolist()

    def _of_the_attacks(
        self, pgd: Pgd, margin: Pgd, noise: Noise, square: Square, robust: float
    ) -> Iterator[tuple[str, float]]:
        """Shares of the sample that remain correct; under PGD as set, `robust`."""

        def left(method: Any, options: Any, **changes: Any) -> float:
            return self._robust(self._attacked(method, options, **changes))

        same = self._exact is self._classifier
        yield (
            "pgd_float32",
            robust if same else left(methods.pgd, pgd, classifier=self._exact),
        )
        thorough = replace(pgd, abort_early=0.0)
        outcome = self._attacked(methods.pgd, replace(thorough, steps=2 * pgd.steps))
        if pgd.restarts == 1:
            # Twice the steps pass through the iterates of once the steps: one run shows both.
            yield "pgd_all_steps", self._robust(outcome, steps=pgd.steps)
        else:
            yield "pgd_all_steps", left(methods.pgd, thorough)
        yield "pgd_double_steps", self._robust(outcome)
        hard = replace(margin, abort_early=0.0)
        yield "pgd_margin", left(methods.pgd, hard, classifier=self._margin)
        yield "pgd_no_limit", left(methods.pgd, pgd, epsilon=NO_LIMIT)
        yield "noise", left(methods.noise, noise)
        yield "square", left(methods.square, square)

    def _attacked(
        self,
        method: Any,
        options: Any,
        *,
        epsilon: float | None = None,
        classifier: CompiledClassifier | None = None,
    ) -> Outcome:
        """The sample attacked by `method`, at the controls' epsilon where none is given."""
        outcome: Outcome = method(
            classifier or self._classifier,
            self._clean,
            self._epsilon if epsilon is None else epsilon,
            options,
            seed=self._seed,
            finished=lambda count: None,
        )
        return outcome

    def _robust(self, outcome: Outcome, steps: int | None = None) -> float:
        """Share of the sample that remains correct, after so many steps or all of them."""
        if steps is not None and outcome.steps is not None:
            return float(np.mean((outcome.steps < 0) | (outcome.steps > steps)))
        predictions = self._classifier.predict(outcome.adversarial).argmax(axis=1)
        return float(np.mean(predictions == self._clean.labels))

    def _losses_nearby(self, settled: Outcome) -> tuple[np.ndarray, np.ndarray]:
        """Losses `(points,)` before and after PGD, and at points nearby `(points, NEARBY)`."""
        x = np.concatenate([self._clean.x, settled.adversarial])
        labels = np.tile(self._clean.labels, 2)
        rng, radius = np.random.default_rng(self._seed), RADIUS * self._epsilon
        losses = [cross_entropies(self._classifier.predict(x), labels)]
        for _ in range(NEARBY):
            moved = np.clip(x + rng.uniform(-radius, radius, x.shape), 0, 1).astype(np.float32)
            losses.append(cross_entropies(self._classifier.predict(moved), labels))
        return losses[0], np.stack(losses[1:], axis=1)
