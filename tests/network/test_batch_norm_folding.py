from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.network.batch_norm_folding import fold_batch_norm
from detune.network.model_file import predict_logits
from detune.network.runtime import keras
from detune.train.network import build_model

layers = keras.layers


def shaken(model: keras.Model) -> keras.Model:
    """`model` with batch statistics as after training."""
    random = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    return model


def kinds(model: keras.Model) -> list[str]:
    return [type(layer).__name__ for layer in model.layers]


def test_the_network_gives_the_same_logits_without_any_batch_norm() -> None:
    keras.utils.set_random_seed(0)
    model = shaken(build_model(3, spatial_dropout=0.1, dense_dropout=0.1))
    x = np.random.default_rng(1).random((4, 128, 130), dtype=np.float32)
    before = predict_logits(model, x)
    folded = fold_batch_norm(model)
    assert "BatchNormalization" not in kinds(folded)
    assert kinds(model).count("BatchNormalization") == 10
    after = predict_logits(folded, x)
    assert np.abs(after - before).max() < 1e-4 * np.abs(before).max()
    assert np.array_equal(predict_logits(model, x), before)


def branching(x: Any) -> Any:
    conv = layers.Conv2D(4, 3)(x)
    return layers.Add()([layers.BatchNormalization()(conv), conv])


@pytest.mark.parametrize(
    ("build", "left"),
    [
        (lambda x: layers.BatchNormalization()(layers.Conv2D(4, 3, use_bias=False)(x)), 0),
        (lambda x: layers.BatchNormalization(scale=False, center=False)(layers.Conv2D(4, 3)(x)), 0),
        (lambda x: layers.BatchNormalization()(layers.Dense(4)(x)), 0),
        (lambda x: layers.BatchNormalization()(layers.Conv2D(4, 3, activation="relu")(x)), 1),
        (lambda x: layers.BatchNormalization()(layers.MaxPooling2D()(x)), 1),
        (lambda x: layers.BatchNormalization(axis=1)(layers.Conv2D(4, 3)(x)), 1),
        (branching, 1),
    ],
)
def test_what_cannot_be_folded_stays(build: Any, left: int) -> None:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((10, 12, 3))
    outputs = layers.Dense(2)(layers.GlobalAveragePooling2D()(build(inputs)))
    model = shaken(keras.Model(inputs, outputs))
    folded = fold_batch_norm(model)
    assert kinds(folded).count("BatchNormalization") == left
    x = np.random.default_rng(1).normal(size=(5, 10, 12, 3)).astype(np.float32)
    assert np.allclose(folded(x), model(x), rtol=1e-4, atol=1e-5)
