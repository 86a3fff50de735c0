"""Logits without one feature map, for each map of a layer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from detune.network.runtime import keras, tf

Layers = list[Any]

BY_MAP = (
    *("BatchNormalization", "ReLU", "LeakyReLU", "PReLU", "ELU", "Activation"),
    *("MaxPooling2D", "AveragePooling2D", "Dropout", "SpatialDropout2D"),
)
"""Keras's layers that change no map because of another; activations but softmax."""

TO_ONE_VALUE = ("GlobalAveragePooling2D", "GlobalMaxPooling2D")


def logits_without_each(head: Any, maps: Any) -> Any:
    """Logits `(n, channels, genres)` of `head` for `maps` with one map at a time set to zero.

    Where each map becomes one value before maps are mixed, as in the study's network, the layers
    up to there run once and not for every map.

    Args:
        head: from feature maps to logits `(n, genres)`.
        maps: `(n, height, width, channels)`.
    """
    channels = maps.shape[-1]
    parts = split_head(head)
    if parts is None:
        logits = tf.map_fn(
            lambda channel: head(maps * (1 - tf.one_hot(channel, channels)), training=False),
            tf.range(channels),
            fn_output_signature=tf.float32,
        )
        return tf.transpose(logits, [1, 0, 2])
    by_map, rest = parts
    values = _run(by_map, maps)
    removed = _run(by_map, tf.zeros_like(maps[:1]))  # batch norm may make something of zeros
    one = tf.eye(channels)
    without = values[:, None] * (1 - one) + removed[:, None] * one
    logits = _run(rest, tf.reshape(without, (-1, channels)))
    return tf.reshape(logits, (-1, channels, logits.shape[-1]))


def split_head(head: keras.Model) -> tuple[Layers, Layers] | None:
    """Layers from maps to one value a map, and those from these values to logits.

    None where the head is no such chain: then a map can change what becomes of another.
    """
    layers = list(head.layers[1:])
    if any(after.input is not before.output for before, after in pairwise(layers)):
        return None
    for place, layer in enumerate(layers, start=1):
        kind = type(layer).__name__
        if kind in TO_ONE_VALUE:
            return layers[:place], layers[place:]
        if kind not in BY_MAP or getattr(layer, "activation", None) is keras.activations.softmax:
            return None
    return None


def _run(layers: Layers, x: Any) -> Any:
    """What `layers` make of `x`, one after the other, as when the model is used."""
    for layer in layers:
        x = layer(x)
    return x
