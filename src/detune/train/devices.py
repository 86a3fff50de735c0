"""Several GPUs: each trains on its part of a batch, and all keep the same weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from detune.network.runtime import keras, tf


class Replicas:
    """The devices that share each batch.

    Attributes:
        strategy: TensorFlow's, in whose scope the network is built for training.
    """

    def __init__(self, devices: Sequence[str], batch_size: int) -> None:
        """Take as many of `devices` as divide a batch evenly; one needs no strategy."""
        count = next(n for n in range(max(1, len(devices)), 0, -1) if batch_size % n == 0)
        self._several = count > 1
        self._prepared = not self._several
        self.strategy = (
            tf.distribute.MirroredStrategy(list(devices)[:count])
            if self._several
            else tf.distribute.get_strategy()
        )

    def prepare(self, model: keras.Model, values: np.ndarray, targets: np.ndarray) -> None:
        """Show Keras a complete batch once: from a shared one it can't build its metrics."""
        if not self._prepared:
            model.evaluate(values, targets, batch_size=len(values), verbose=0)
            model.reset_metrics()
            self._prepared = True

    def share(self, batch: np.ndarray) -> Any:
        """`batch` `(b, …)` in equal parts, one for each device; as it is for a single one."""
        if not self._several:
            return batch
        parts = np.split(batch, self.strategy.num_replicas_in_sync)
        return self.strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(parts[context.replica_id_in_sync_group])
        )
