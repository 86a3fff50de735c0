"""Controls: what is measured on a sample of segments to doubt the attacks themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from detune.attack import methods
from detune.attack.classifier import CompiledClassifier
from detune.attack.methods import Clean
from detune.attack.pgd import SurvivorPGD
from detune.params import Noise, Pgd, Square
from detune.runtime import keras
from detune.scores import cross_entropy
from detune.support.progress import progress_bar

TELLING = (0.2, 0.8)
"""Share that PGD must leave standing for other attacks to be able to differ."""

TRIES = 6
"""Epsilons that are tried at most to get there."""

NO_LIMIT = 1.0
"""The epsilon at which every spectrogram is allowed."""

MEASUREMENTS = 11
"""How many there are, for the progress bar."""

FOLLOWED = 4
"""Segments whose loss is followed step by step."""


class Controls:
    """Attacks on a sample of segments that the model gets right.

    Each measurement is a share of the sample that still stands, or raw arrays for a check.
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

        Where PGD leaves nearly all or nearly none standing, no attack can differ from it; so
        epsilon moves first, until it leaves 20 to 80 %.

        Args:
            pgd: how PGD is set.
            margin: how PGD on a margin is set.
            noise: how noise is set.
            square: how the Square attack is set; its number of segments is that of the sample.
        """
        with progress_bar("controls", "measurements", MEASUREMENTS) as bar:
            standing = self._settle(pgd)
            found: dict[str, Any] = {
                "segments": len(self._clean.labels),
                "epsilon": self._epsilon,
                "pgd": standing,
            }
            bar.update()
            for measured in (
                self._of_the_model(pgd),
                self._of_the_attacks(pgd, margin, noise, square, standing),
            ):
                for name, value in measured:
                    found[name] = value
                    bar.update()
        return found

    def _settle(self, pgd: Pgd) -> float:
        """Move to an epsilon at which attacks can differ; return what stands there under PGD."""
        standing = self._standing(self._attacked(methods.pgd, pgd))
        for _ in range(TRIES):
            if TELLING[0] <= standing <= TELLING[1]:
                break
            # Up by other steps than down, so that it does not come back to where it was.
            factor = 0.5 if standing < TELLING[0] else 1.7
            self._epsilon = min(factor * self._epsilon, NO_LIMIT)
            standing = self._standing(self._attacked(methods.pgd, pgd))
        return standing

    def _of_the_model(self, pgd: Pgd) -> Iterator[tuple[str, Any]]:
        """What it says of the same segments again, and along PGD's way."""
        clean = self._clean
        # Alone, each segment has other company than in its chunk; nothing must depend on that.
        alone = [self._classifier.predict(segment[None])[0] for segment in clean.x]
        yield "logits", [clean.logits.tolist(), np.asarray(alone).tolist()]
        yield "losses", self._losses(pgd)
        unmoved = self._attacked(methods.pgd, pgd, epsilon=0.0)
        yield "zero_epsilon", self._predictions(unmoved).tolist()

    def _of_the_attacks(
        self, pgd: Pgd, margin: Pgd, noise: Noise, square: Square, standing: float
    ) -> Iterator[tuple[str, float]]:
        """Shares of the sample that still stand; under PGD as set, `standing`."""

        def left(method: Any, options: Any, **changes: Any) -> float:
            return self._standing(self._attacked(method, options, **changes))

        thorough = replace(pgd, give_up=0.0)
        double = replace(thorough, steps=2 * pgd.steps)
        same = self._exact is self._classifier
        yield (
            "pgd_float32",
            standing if same else left(methods.pgd, pgd, classifier=self._exact),
        )
        yield "pgd_without_giving_up", left(methods.pgd, thorough)
        yield "pgd_double_steps", left(methods.pgd, double)
        hard = replace(margin, give_up=0.0)
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
    ) -> np.ndarray:
        """The sample attacked by `method`, at the controls' epsilon where none is given."""
        return np.asarray(
            method(
                classifier or self._classifier,
                self._clean,
                self._epsilon if epsilon is None else epsilon,
                options,
                seed=self._seed,
                finished=lambda count: None,
            )
        )

    def _predictions(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(self._classifier.predict(x).argmax(axis=1))

    def _standing(self, x: np.ndarray) -> float:
        """Share of the sample that is right after an attack."""
        return float(np.mean(self._predictions(x) == self._clean.labels))

    def _losses(self, pgd: Pgd) -> list[float]:
        """Mean cross-entropy of a few segments before each of PGD's steps, and after the last."""
        count = len(self._clean.labels)
        chosen = np.unique(np.linspace(0, count - 1, min(FOLLOWED, count)).astype(int))
        x, labels = self._clean.x[chosen], self._clean.labels[chosen]
        attack = SurvivorPGD(
            self._classifier,
            epsilon=self._epsilon,
            step=self._epsilon * pgd.relative_step,
            steps=pgd.steps,
            random_start=False,
            seed=self._seed,
        )
        moved, losses = x.copy(), [cross_entropy(self._classifier.predict(x), labels)]
        for _ in range(pgd.steps):
            attack.advance(moved, x, labels, np.arange(len(x)))
            losses.append(cross_entropy(self._classifier.predict(moved), labels))
        return losses
