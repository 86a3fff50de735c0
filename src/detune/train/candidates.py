"""The weights that may be exported after an epoch, and which of them are better."""

from __future__ import annotations

import numpy as np

from detune.network.model_file import predict_logits
from detune.network.runtime import keras
from detune.params.training import Train
from detune.statistics.scores import accuracy, cross_entropy
from detune.train.batch_norm_statistics import StatisticsEstimator
from detune.train.crops import Labelled
from detune.train.robust_validation import RobustValidation
from detune.train.train_step import Trainer

Weights = list[np.ndarray]


class Candidates:
    """The average of the weights, and the last ones."""

    def __init__(
        self,
        trainer: Trainer,
        model: keras.Model,
        params: Train,
        segments: np.ndarray,
        validation: Labelled,
    ) -> None:
        """Prepare what they are judged with.

        Args:
            trainer: whose weights they are.
            model: what is exported, and takes them to be judged.
            params: the recipe.
            segments: training segments `(n, 128, 130)`, for the statistics of the average.
            validation: segments and labels that decide.
        """
        self._trainer = trainer
        self._model = model
        self._validation = validation
        self._statistics = (
            StatisticsEstimator(segments, trainer.genres, params.seed)
            if params.weight_averaging
            else None
        )
        how = params.adversarial
        self._robust = (
            None if how.method == "none" else RobustValidation(model, validation, how.epsilon)
        )

    def best(self, average: Weights) -> tuple[str, Weights, dict[str, float]]:
        """The kind, the weights and the validation scores of those with the lowest loss.

        The loss on clean segments; only the better ones are then attacked, which takes longer.
        """
        candidates = {"last": self._trainer.weights}
        if self._statistics:
            candidates = {"average": self._statistics.estimate(average)} | candidates
        tried = [(kind, weights, self._validate(weights)) for kind, weights in candidates.items()]
        kind, weights, scores = min(
            tried, key=lambda item: np.nan_to_num(item[2]["val_loss"], nan=np.inf)
        )
        if self._robust:
            self._model.set_weights(weights)
            scores |= self._robust.scores()
        return kind, weights, scores

    def _validate(self, weights: Weights) -> dict[str, float]:
        """Loss and accuracy of the model, which is what is saved, on validation segments."""
        values, labels = self._validation
        self._model.set_weights(weights)
        logits = predict_logits(self._model, values)
        return {
            "val_loss": cross_entropy(logits, labels),
            "val_accuracy": accuracy(logits.argmax(axis=1), labels),
        }
