"""A sample of segments under attack, and what remains correct."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.defences import DEFENCES
from detune.attack.pgd import Clean, Outcome
from detune.network.runtime import keras


class AttackedSample:
    """A sample of segments, and the model that is attacked with them.

    A copy in another process compiles graphs of its own.

    Attributes:
        classifier: the model, as the grid's attacks see it.
        margin: the same with a loss on the margin.
        exact: the same as `classifier`, in float32 in any case.
        clean: the segments.
        seed: of random starts and draws.
    """

    def __init__(
        self,
        model: keras.Model,
        segments: np.ndarray,
        labels: np.ndarray,
        *,
        seed: int,
        precision: str = "float32",
    ) -> None:
        """Prepare the sample.

        Args:
            model: the model under attack.
            segments: the sample `(n, 128, 130)`.
            labels: true labels `(n,)`.
            seed: of random starts and draws.
            precision: what the grid's gradients are computed in.
        """
        self.seed = seed
        self._model, self._precision = model, precision
        self.classifier = CompiledClassifier(model, precision=precision)
        self.margin = CompiledClassifier(model, loss="margin", precision=precision)
        exact = self.classifier.precision == "float32"
        self.exact = self.classifier if exact else CompiledClassifier(model)
        x = segments[..., None]
        self.clean = Clean(x, labels, self.classifier.predict(x))

    def __reduce__(self) -> tuple[Any, ...]:
        """What another process makes its copy of."""
        sample = self.clean.x[..., 0], self.clean.labels
        return _copied, (pickle.dumps(self._model), *sample, self.seed, self._precision)

    def attacked(
        self,
        method: Any,
        options: Any,
        epsilon: float,
        classifier: CompiledClassifier | None = None,
    ) -> Outcome:
        """The sample attacked by `method`, by the grid's gradients where none are given."""
        outcome: Outcome = method(
            classifier or self.classifier,
            self.clean,
            epsilon,
            options,
            seed=self.seed,
            finished=lambda count: None,
        )
        return outcome

    def left(self, outcome: Outcome, steps: int | None = None) -> float:
        """Share of the sample that remains correct, after so many steps or all of them."""
        if steps is not None and outcome.steps is not None:
            return float(np.mean((outcome.steps < 0) | (outcome.steps > steps)))
        predictions = self.classifier.predict(outcome.adversarial).argmax(axis=1)
        return float(np.mean(predictions == self.clean.labels))


def _copied(
    model: bytes, segments: np.ndarray, labels: np.ndarray, seed: int, precision: str
) -> AttackedSample:
    """The sample, from what `pickle` makes of a model, which may have a defence's layers."""
    layers = {layer.__name__: layer for changes in DEFENCES.values() for layer in changes}
    with keras.saving.custom_object_scope(layers):
        loaded = pickle.loads(model)
    return AttackedSample(loaded, segments, labels, seed=seed, precision=precision)
