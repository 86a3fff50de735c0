"""Controls: what is measured on a sample of segments to doubt the attacks themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from detune import methods
from detune.classifier import CompiledClassifier
from detune.methods import Clean
from detune.params import Noise, Pgd, Square
from detune.progress import progress_bar
from detune.runtime import keras
from detune.scores import cross_entropy

NO_LIMIT = 1.0
"""The epsilon at which every spectrogram is allowed."""

MEASUREMENTS = 11
"""How many there are, for the progress bar."""

FOLLOWED = 8
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
            epsilon: L-infinity radius of most attacks.
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

        Args:
            pgd: how PGD is set.
            margin: how PGD on a margin is set.
            noise: how noise is set.
            square: how the Square attack is set; its number of segments is that of the sample.
        """
        found: dict[str, Any] = {"epsilon": self._epsilon}
        attacks = self._of_the_attacks(pgd, margin, noise, square)
        with progress_bar("controls", "measurements", MEASUREMENTS) as bar:
            for name, value in (*self._of_the_model(pgd), *attacks):
                found[name] = value
                bar.update()
        return found

    def _of_the_model(self, pgd: Pgd) -> Iterator[tuple[str, Any]]:
        """What it says of the same segments again, and along PGD's way."""
        clean = self._clean
        # In another order, each segment has other company, on which nothing must depend.
        again = self._classifier.predict(clean.x[::-1])[::-1]
        yield "logits", [clean.logits.tolist(), again.tolist()]
        yield "losses", self._losses(pgd)
        yield "zero_epsilon", self._predictions(self._attacked(methods.pgd, pgd, 0.0)).tolist()

    def _of_the_attacks(
        self, pgd: Pgd, margin: Pgd, noise: Noise, square: Square
    ) -> Iterator[tuple[str, float]]:
        """Shares of the sample that still stand."""
        thorough = replace(pgd, give_up=0.0)
        double = replace(thorough, steps=2 * pgd.steps)
        on_margin = self._attacked(methods.pgd, margin, classifier=self._margin)
        yield "pgd", self._standing(self._attacked(methods.pgd, pgd))
        yield (
            "pgd_float32",
            self._standing(self._attacked(methods.pgd, pgd, classifier=self._exact)),
        )
        yield "pgd_without_giving_up", self._standing(self._attacked(methods.pgd, thorough))
        yield "pgd_double_steps", self._standing(self._attacked(methods.pgd, double))
        yield "pgd_margin", self._standing(on_margin)
        yield "pgd_no_limit", self._standing(self._attacked(methods.pgd, pgd, NO_LIMIT))
        yield "noise", self._standing(self._attacked(methods.noise, noise))
        yield "square", self._standing(self._attacked(methods.square, square))

    def _attacked(
        self,
        method: Any,
        options: Any,
        epsilon: float | None = None,
        *,
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
        """Mean cross-entropy of a few segments before each plain PGD step, and after the last."""
        x, labels = self._clean.x[:FOLLOWED], self._clean.labels[:FOLLOWED]
        size = self._epsilon
        step = size * pgd.relative_step
        moved, losses = x.copy(), []
        for _ in range(pgd.steps):
            logits, gradient = self._classifier.logits_and_gradient(moved, labels)
            losses.append(cross_entropy(logits, labels))
            stepped = np.clip(moved + step * np.sign(gradient), x - size, x + size)
            moved = np.clip(stepped, 0.0, 1.0).astype(np.float32)
        return [*losses, cross_entropy(self._classifier.predict(moved), labels)]
