"""The same model once more: its dense layers retrained from another seed, the rest as it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from detune.audio.constants import SHAPE
from detune.network.batch_norm_folding import fold_batch_norm
from detune.network.chunks import CHUNK, map_chunks
from detune.network.runtime import keras, tf

layers = keras.layers

EPOCHS = 40
BATCH = 50
LEARNING_RATE = 0.001


def retrain_head(
    model: keras.Model, segments: np.ndarray, labels: np.ndarray, *, seed: int
) -> keras.Model:
    """Copy `model`, and train what follows its average over the maps from fresh weights.

    Args:
        model: with one global average pooling; it stays as it is.
        segments: `(n, 128, 130)` to learn from.
        labels: their genres `(n,)`.
        seed: of the weights and of the order of the segments.
    """
    kinds = [isinstance(item, layers.GlobalAveragePooling2D) for item in model.layers]
    average = kinds.index(True)
    keras.utils.set_random_seed(seed)
    fresh = keras.models.clone_model(model)
    for kept, copy in zip(model.layers[: average + 1], fresh.layers, strict=False):
        copy.set_weights(kept.get_weights())
    head = keras.Sequential(fresh.layers[average + 1 :])
    head.compile(
        keras.optimizers.Adam(LEARNING_RATE),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,  # to compile takes longer than to train
    )
    head.optimizer.build(head.trainable_variables)  # within a step it would trace that twice
    pooled = pooled_maps(keras.Model(model.inputs, model.layers[average].output), segments)
    rng, size = np.random.default_rng(seed), min(BATCH, len(labels))
    for _ in range(EPOCHS):
        order = rng.permutation(len(labels))
        for at in range(0, len(order) - size + 1, size):
            batch = order[at : at + size]
            head.train_on_batch(pooled[batch], labels[batch])
    return fresh


def pooled_maps(features: keras.Model, segments: np.ndarray) -> np.ndarray:
    """What `features`, the model up to its average, makes of segments: `(n, channels)`."""
    folded = fold_batch_norm(features)

    def pooled(x: Any) -> tuple[Any]:
        return (folded(x, training=False),)

    chunk = tf.TensorSpec((CHUNK, *SHAPE, 1), tf.float32)
    graph = tf.function(pooled, input_signature=[chunk])
    return np.concatenate([part[0] for part in map_chunks(graph, segments[..., None])])
