"""Logits without one map, by the short way and by the long one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from detune.gradcam.ablation import logits_without_each, split_head
from detune.network.runtime import keras, tf

layers = keras.layers

MAPS = np.random.default_rng(0).normal(size=(3, 4, 6, 5)).astype(np.float32)


def chain(*between: Any, pooled: Any = None) -> keras.Model:
    """A head of these layers, a pooling of each map and two dense layers, all weights random."""
    keras.utils.set_random_seed(1)
    inputs = x = keras.Input(MAPS.shape[1:])
    for layer in (*between, pooled or layers.GlobalAveragePooling2D()):
        x = layer(x)
    model = keras.Model(inputs, layers.Dense(3)(layers.Dense(8, "tanh")(x)))
    drawn = np.random.default_rng(2)
    model.set_weights([drawn.uniform(0.2, 2, weights.shape) for weights in model.get_weights()])
    return model


def one_by_one(head: keras.Model) -> np.ndarray:
    """The definition: a pass through the head for each map."""
    channels = np.eye(MAPS.shape[-1], dtype=np.float32)
    return np.stack([head(MAPS * (1 - one)).numpy() for one in channels], axis=1)


SPLIT = {
    "norm, bend, pool": (layers.BatchNormalization, layers.ReLU, layers.MaxPooling2D),
    "pool alone": (),
    "dropout": (layers.SpatialDropout2D,),
}
WHOLE = {
    "a convolution mixes maps": [layers.Conv2D(5, 1)],
    "so does softmax": [layers.Activation("softmax")],
}


@pytest.mark.parametrize("kinds", SPLIT.values(), ids=SPLIT)
@pytest.mark.parametrize("pooled", [layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D])
def test_the_short_way_is_the_long_one(kinds: Sequence[Any], pooled: Any) -> None:
    between = [kind(0.5) if kind is layers.SpatialDropout2D else kind() for kind in kinds]
    head = chain(*between, pooled=pooled())
    assert split_head(head)
    found = logits_without_each(head, tf.constant(MAPS)).numpy()
    np.testing.assert_allclose(found, one_by_one(head), rtol=1e-5)


@pytest.mark.parametrize("between", WHOLE.values(), ids=WHOLE)
def test_where_maps_are_mixed_first_every_map_has_its_pass(between: Sequence[Any]) -> None:
    head = chain(*between)
    assert split_head(head) is None
    found = logits_without_each(head, tf.constant(MAPS)).numpy()
    np.testing.assert_allclose(found, one_by_one(head), rtol=1e-5)


def test_a_head_with_a_branch_is_not_split() -> None:
    inputs = keras.Input(MAPS.shape[1:])
    both = [layers.GlobalAveragePooling2D()(inputs), layers.GlobalMaxPooling2D()(inputs)]
    head = keras.Model(inputs, layers.Dense(3)(layers.Concatenate()(both)))
    assert split_head(head) is None
    found = logits_without_each(head, tf.constant(MAPS)).numpy()
    np.testing.assert_allclose(found, one_by_one(head), rtol=1e-5)


def test_the_network_of_the_study_is_split() -> None:
    from detune.gradcam.gradcam import GradCam  # noqa: PLC0415
    from detune.train.network import build_model  # noqa: PLC0415

    head = GradCam(build_model(4, spatial_dropout=0.1, dense_dropout=0.1), method="ablation-cam")
    assert split_head(head._head)
