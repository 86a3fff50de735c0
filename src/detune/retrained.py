"""The same model once more: its dense layers learnt anew from another seed, the rest as it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from detune.chunks import map_chunks
from detune.folding import fold_batch_norm
from detune.model import CHUNK
from detune.runtime import keras, tf
from detune.segments import SHAPE

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
    (average,) = (item for item in model.layers if isinstance(item, layers.GlobalAveragePooling2D))
    keras.utils.set_random_seed(seed)
    fresh = keras.models.clone_model(model)
    kept = model.layers[: model.layers.index(average) + 1]
    for layer in kept:
        fresh.get_layer(layer.name).set_weights(layer.get_weights())
    head = keras.Sequential([fresh.get_layer(item.name) for item in model.layers[len(kept) :]])
    head.compile(
        keras.optimizers.Adam(LEARNING_RATE),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    pooled = pooled_maps(keras.Model(model.inputs, average.output), segments)
    head.fit(pooled, labels, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    return fresh


def pooled_maps(features: keras.Model, segments: np.ndarray) -> np.ndarray:
    """What `features`, the model up to its average, makes of segments: `(n, channels)`."""
    folded = fold_batch_norm(features)

    def pooled(x: Any) -> tuple[Any]:
        return (folded(x, training=False),)

    chunk = tf.TensorSpec((CHUNK, *SHAPE, 1), tf.float32)
    graph = tf.function(pooled, input_signature=[chunk])
    return np.concatenate([part[0] for part in map_chunks(graph, segments[..., None])])
