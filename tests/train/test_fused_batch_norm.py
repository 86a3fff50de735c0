from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.network.runtime import keras, tf
from detune.train.fused_batch_norm import FusedBatchNormalization


def pair(shape: tuple[int, ...]) -> list[Any]:
    """Keras's layer and the fused one, with the same weights."""
    random = np.random.default_rng(0)
    weights = [random.uniform(0.5, 2, shape[-1]).astype(np.float32) for _ in range(4)]
    made = []
    for kind in (keras.layers.BatchNormalization, FusedBatchNormalization):
        layer = kind(momentum=0.8)
        layer.build(shape)
        layer.set_weights(weights)
        made.append(layer)
    return made


def run(layer: Any, x: np.ndarray, *, training: bool) -> list[np.ndarray]:
    """Outputs, gradients by input and weights, and weights after a call."""
    inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=training)
        loss = tf.reduce_sum(outputs * tf.cos(inputs))
    gradients = tape.gradient(loss, [inputs, *(v.value for v in layer.trainable_variables)])
    return [np.asarray(value) for value in (outputs, *gradients, *layer.get_weights())]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(4, 6, 5, 3), (2, 3, 1, 7), (9, 4)])
def test_it_computes_what_keras_computes(shape: tuple[int, ...], training: bool) -> None:
    x = np.random.default_rng(1).normal(2.0, 3.0, shape).astype(np.float32)
    stock, fused = (run(layer, x, training=training) for layer in pair(shape))
    for expected, found in zip(stock, fused, strict=True):
        assert np.allclose(found, expected, rtol=1e-4, atol=1e-4)
    moved = not np.allclose(fused[-1], pair(shape)[1].get_weights()[-1])
    assert moved == training
