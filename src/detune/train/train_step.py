"""The network in training: any length of excerpt, fused batch norm, on several GPUs or machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from detune.network.precision import chosen_precision
from detune.network.runtime import keras
from detune.params.training import Train
from detune.train.adversarial import AdversarialModel
from detune.train.devices import Replicas
from detune.train.fused_batch_norm import FusedBatchNormalization
from detune.train.network import build_model


class Trainer:
    """A fresh network and its optimizer."""

    def __init__(self, genres: int, params: Train, steps: int, replicas: Replicas) -> None:
        """Build them.

        Args:
            genres: how many genres there are.
            params: the recipe.
            steps: batches in all epochs.
            replicas: what shares each batch.
        """
        self.genres = genres
        self.replicas = replicas
        with replicas.strategy.scope():
            self._model = build_model(
                genres,
                spatial_dropout=params.spatial_dropout,
                dense_dropout=params.dense_dropout,
                frames=None,
                norm=FusedBatchNormalization,
                precision=chosen_precision(params.precision),
            )
            replicas.unite(self._model)
            if params.adversarial.method != "none":
                self._model = AdversarialModel(self._model, params.adversarial, params.seed)
            self._model.compile(
                keras.optimizers.Adam(
                    _learning_rate(params, steps), weight_decay=params.weight_decay
                ),
                keras.losses.CategoricalCrossentropy(from_logits=True),
                metrics=["accuracy"],
            )
            # Keras makes what these need in the first step otherwise: it would trace it twice, and
            # cannot where devices share the batch.
            self._model.optimizer.build(self._model.trainable_variables)
            blank = np.zeros((1, genres), np.float32)
            self._model.compute_loss(None, blank, blank, training=False)
            self._model.compute_metrics(None, blank, blank)
            self._model.reset_metrics()

    def learn(self, values: np.ndarray, targets: np.ndarray) -> dict[str, float]:
        """Take a step; return the loss and the accuracy since `restart`.

        With adversarial training also `adversarial_loss`.

        Args:
            values: excerpts `(b, 128, frames, 1)` float32.
            targets: the probability of each genre `(b, genres)` float32.
        """
        metrics = self.replicas.learn(self._model, values, targets)
        return {name: float(value) for name, value in metrics.items()}

    def restart(self) -> None:
        """Reset the loss and the accuracy."""
        self._model.reset_metrics()

    def finish_epoch(self) -> None:
        """Leave the devices with one state, which is the one that `state` has."""
        self.replicas.average_statistics(self._model)

    def reduce_learning_rate(self, factor: float) -> None:
        """Multiply the learning rate with `factor`."""
        self._model.optimizer.learning_rate *= factor

    @property
    def weights(self) -> list[np.ndarray]:
        """The network's weights as they are now."""
        return list(self._model.get_weights())

    @property
    def state(self) -> list[np.ndarray]:
        """All that the next step depends on; dropout's seeds are in it."""
        return [keras.ops.convert_to_numpy(variable) for variable in self._variables]

    @state.setter
    def state(self, state: Sequence[np.ndarray]) -> None:
        for variable, value in zip(self._variables, state, strict=True):
            variable.assign(value)

    @property
    def _variables(self) -> list[Any]:
        return [*self._model.variables, *self._model.optimizer.variables]


def _learning_rate(params: Train, steps: int) -> Any:
    """A warm-up and half a cosine over `steps` (Loshchilov & Hutter 2017), or a constant."""
    if params.schedule == "plateau":
        return params.learning_rate
    warmup = round(params.warmup * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=max(1, steps - warmup),
        warmup_target=params.learning_rate,
        warmup_steps=warmup,
    )
