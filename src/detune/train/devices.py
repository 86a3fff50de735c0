"""Several GPUs or machines: each trains on its part of a batch, and all keep the same weights."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from detune.network.runtime import keras, tf
from detune.support.errors import UserError
from detune.train.machines import lost_machines_told
from detune.train.tf_config import Cluster
from detune.train.whole_batch import unite

BATCH_NORM = keras.layers.BatchNormalization


class Replicas:
    """The devices that share each batch.

    Attributes:
        strategy: TensorFlow's, in whose scope the network is built for training.
    """

    def __init__(self, devices: Sequence[str], batch_size: int) -> None:
        """Take as many of `devices` as divide a batch evenly; one needs no strategy."""
        count = next(n for n in range(max(1, len(devices)), 0, -1) if batch_size % n == 0)
        self._several = count > 1
        self.strategy = (
            tf.distribute.MirroredStrategy(list(devices)[:count])
            if self._several
            else tf.distribute.get_strategy()
        )

    @property
    def writes(self) -> bool:
        """Whether this process keeps the checkpoint."""
        return True

    def told(self) -> AbstractContextManager[None]:
        """A context in which a lost machine is told in one line."""
        return nullcontext()

    def unite(self, model: keras.Model) -> None:
        """Make `model` treat a shared batch as one; the GPUs of one machine do not."""

    def learn(self, model: keras.Model, values: np.ndarray, targets: np.ndarray) -> dict[str, Any]:
        """Take a step of `model`; return its metrics."""
        batch = self.share(values), self.share(targets)
        return dict(model.train_on_batch(*batch, return_dict=True))

    def average_statistics(self, model: keras.Model) -> None:
        """Make batch norm's running statistics the mean of those that each device has."""
        if self._several:
            norms = (one for one in model.layers if isinstance(one, BATCH_NORM))
            for moving in (one for norm in norms for one in norm.non_trainable_variables):
                values = self.strategy.experimental_local_results(moving.value)
                moving.assign(np.mean([value.numpy() for value in values], axis=0))

    def share(self, batch: np.ndarray) -> Any:
        """`batch` `(b, …)` in equal parts, one for each device; as it is for a single one."""
        if not self._several:
            return batch
        parts = np.split(batch, self.strategy.num_replicas_in_sync)
        return self.strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(parts[context.replica_id_in_sync_group])
        )

    def agree(self, key: str) -> None:
        """Nothing to agree on: there is one process."""

    def of_chief(self, scores: dict[str, float]) -> dict[str, float]:
        """`scores`, which decide how the training goes on."""
        return scores


class MachineReplicas(Replicas):
    """The devices of all machines; all machines call the same methods in the same order."""

    def __init__(self, cluster: Cluster, strategy: Any, batch_size: int) -> None:
        """Share batches of `batch_size` among the machines.

        Raises:
            UserError: they cannot share them evenly.
        """
        self._cluster, self.strategy, self._several = cluster, strategy, True
        self._step: Any = None
        count = strategy.num_replicas_in_sync
        if batch_size % count:
            raise UserError(
                f"{count} devices cannot share batches of {batch_size} evenly: set "
                f"train.batch_size to a multiple of {count}"
            )

    @property
    def writes(self) -> bool:
        """Whether this is the chief."""
        return self._cluster.chief

    def told(self) -> AbstractContextManager[None]:
        """A context in which a lost machine is told in one line."""
        return lost_machines_told(self._cluster)

    def unite(self, model: keras.Model) -> None:
        """Make `model` treat a shared batch as one."""
        unite(model)

    def average_statistics(self, model: keras.Model) -> None:
        """Nothing to average: they are of the complete batch."""

    def learn(self, model: keras.Model, values: np.ndarray, targets: np.ndarray) -> dict[str, Any]:
        """Take a step of `model`; return its metrics, which are the same on all machines."""
        if self._step is None:
            self._step = self._compiled(model)
        with self.strategy.scope():
            return dict(self._step(self.share(values), self.share(targets)))

    def _compiled(self, model: keras.Model) -> Any:
        """A training step: Keras's own cannot average metrics over machines."""
        strategy = self.strategy

        def step(values: Any, targets: Any) -> dict[str, Any]:
            told = strategy.run(model.train_step, args=((values, targets),))
            mean = tf.distribute.ReduceOp.MEAN
            return {name: strategy.reduce(mean, told[name], axis=None) for name in sorted(told)}

        return tf.function(step, autograph=False, reduce_retracing=True)

    def agree(self, key: str) -> None:
        """Make sure that all machines train the same.

        Args:
            key: a hexadecimal digest of all that must be the same.

        Raises:
            UserError: it is not.
        """
        number = float(int(key[:12], 16))  # exact in float64
        if self._of_chief_array([number])[0] != number:
            raise UserError(
                f"{self._cluster.addresses[self._cluster.index]} has other data, parameters, code, "
                f"libraries or checkpoint than {self._cluster.addresses[0]}: start all machines in "
                "one shared folder, with the same environment, on processors of one kind"
            )

    def of_chief(self, scores: dict[str, float]) -> dict[str, float]:
        """The chief's `scores`: rounding of another processor must not decide otherwise."""
        told = self._of_chief_array(list(scores.values()))
        return {name: type(scores[name])(one) for name, one in zip(scores, told, strict=True)}

    def _of_chief_array(self, numbers: Sequence[float]) -> list[float]:
        """The chief's `numbers`, by a sum in which the others' are 0."""
        local = len(self.strategy.extended.worker_devices)
        own = [number / local if self._cluster.chief else 0.0 for number in numbers]
        summed = tf.function(
            lambda: self.strategy.reduce(
                tf.distribute.ReduceOp.SUM,
                self.strategy.run(lambda: tf.constant(own, tf.float64)),
                axis=None,
            )
        )
        return [float(one) for one in summed().numpy()]
