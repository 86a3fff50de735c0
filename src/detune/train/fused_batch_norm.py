"""Batch norm by TensorFlow's fused kernel: what Keras 3's own layer computes, in one pass."""

from __future__ import annotations

from typing import Any

from detune.network.runtime import keras, tf


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Keras's batch norm with its weights, faster in training on maps `(n, height, width, c)`.

    Keras computes mean, variance and scaling as separate operations, each a pass over the maps.
    For training only: a model is saved with stock layers, which take the same weights.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise `inputs`; in training by the batch's statistics, which are also averaged."""
        if not training or len(inputs.shape) != 4 or self.synchronized:
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), variance.dtype)
        # The kernel returns the sample variance; Keras averages that of the batch itself.
        self._average(self.moving_mean, mean)
        self._average(self.moving_variance, variance * (count - 1) / count)
        return outputs

    def _average(self, moving: Any, new: Any) -> None:
        moving.assign(moving * self.momentum + new * (1 - self.momentum))
