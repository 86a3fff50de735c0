"""The network as Keras has it: what training is held against, in speed and in accuracy."""

from __future__ import annotations

from typing import Any

from detune.network.runtime import keras
from detune.train.network import build_model


def plain_model(genres: int, **options: Any) -> keras.Model:
    """The network with Keras's batch norm and element-wise dropout, in float32.

    Args:
        genres: how many genres it tells apart.
        options: what `build_model` takes; its `norm` and `precision` are left aside.
    """
    options |= {"norm": keras.layers.BatchNormalization, "precision": "float32"}
    return keras.models.clone_model(build_model(genres, **options), clone_function=_plain)


def _plain(layer: Any) -> Any:
    """A copy of a layer, with fresh weights."""
    if isinstance(layer, keras.layers.SpatialDropout2D):
        return keras.layers.Dropout(layer.rate)
    return type(layer).from_config(layer.get_config())
