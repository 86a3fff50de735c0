"""What is drawn at random or averaged for a batch that machines share: the same as on one machine.

Each machine draws for the complete batch, by the same seed, and takes its part; batch norm takes
its mean and variance over all parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from detune.network.runtime import keras, tf


def on_machines() -> bool:
    """Whether several machines train here, in whose strategy's scope this is."""
    return isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy)


def own_part(shape: Any, draw: Callable[[Any], Any]) -> Any:
    """Values that `draw` has for this part of the batch, given the shape of the complete one.

    Args:
        shape: of this device's part `(b, …)`, as a tensor.
        draw: from a shape to values of it.
    """
    if not on_machines():
        return draw(shape)
    context = tf.distribute.get_replica_context()
    count = context.num_replicas_in_sync
    whole = draw(tf.concat([shape[:1] * count, shape[1:]], axis=0))
    parts = tf.reshape(whole, tf.concat([[count], shape], axis=0))
    return parts[context.replica_id_in_sync_group]


def unite(model: keras.Model) -> None:
    """Have dropout and batch norm of `model` treat a batch that machines share as one."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True
        elif isinstance(layer, (keras.layers.Dropout, keras.layers.SpatialDropout2D)):
            layer.call = _drop_as_one(layer)


def _drop_as_one(layer: Any) -> Callable[..., Any]:
    """The call of a dropout layer, with the units that it would drop from the complete batch."""
    drop, spatial = layer.call, isinstance(layer, keras.layers.SpatialDropout2D)

    def call(inputs: Any, training: bool = False) -> Any:
        if not training or not layer.rate:
            return inputs
        shape = tf.shape(inputs)
        if spatial:  # complete maps are dropped
            shape = tf.stack([shape[0], 1, 1, shape[3]])
        kept = own_part(shape, lambda s: drop(tf.ones(s, inputs.dtype), training=True))
        return inputs * kept

    return call
