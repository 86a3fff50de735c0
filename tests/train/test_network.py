from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.network.model_file import predict_logits
from detune.network.runtime import keras
from detune.params.value_types import LAYERS
from detune.train.network import build_model, trainable_parameters


@pytest.fixture(scope="module")
def model() -> Any:
    keras.utils.set_random_seed(0)
    return build_model(10, spatial_dropout=0.15, dense_dropout=0.4)


def test_ten_genres_take_1440618_trainable_parameters(model: Any) -> None:
    assert trainable_parameters(model) == 1_440_618
    assert trainable_parameters(model) == sum(
        np.asarray(weight).size for weight in model.trainable_weights
    )
    smaller = build_model(4, spatial_dropout=0.0, dense_dropout=0.0)
    assert trainable_parameters(smaller) == 1_440_618 - 6 * 257


def test_the_network_has_four_blocks_of_two_convolutions_and_two_dense_layers(model: Any) -> None:
    layers = keras.layers
    convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    assert [layer.filters for layer in convolutions] == [32, 32, 64, 64, 128, 128, 256, 256]
    assert all(layer.kernel_size == (3, 3) for layer in convolutions)
    pools = [layer for layer in model.layers if isinstance(layer, layers.MaxPooling2D)]
    assert [tuple(pool.output.shape[1:3]) for pool in pools] == [
        *((64, 65), (32, 32), (16, 16), (8, 8))
    ]
    dense = [layer.units for layer in model.layers if isinstance(layer, layers.Dense)]
    assert dense == [512, 256, 10]
    norms = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    assert len(norms) == 10
    spatial = [layer for layer in model.layers if isinstance(layer, layers.SpatialDropout2D)]
    assert [layer.rate for layer in spatial] == [0.15] * 4
    dropout = [layer.rate for layer in model.layers if type(layer) is layers.Dropout]
    assert dropout == [0.4, 0.4]


def test_the_layers_that_grad_cam_may_ask_for_are_those_with_maps(model: Any) -> None:
    with_maps = [layer.name for layer in model.layers[1:] if len(layer.output.shape) == 4]
    assert sorted(with_maps) == sorted(set(LAYERS) - {"last"})


def test_a_network_for_any_length_shares_the_weights_of_the_one_for_segments(
    model: Any, segments: np.ndarray
) -> None:
    flexible = build_model(10, spatial_dropout=0.15, dense_dropout=0.4, frames=None)
    flexible.set_weights(model.get_weights())
    assert flexible.input_shape == (None, 128, None, 1)
    whole = predict_logits(flexible, segments[:2])
    assert np.abs(whole - predict_logits(model, segments[:2])).max() < 1e-5
    assert predict_logits(flexible, segments[:2, :, :32]).shape == (2, 10)


def test_in_bfloat16_weights_and_logits_stay_float32_and_the_answers_are_near(
    model: Any, segments: np.ndarray
) -> None:
    coarse = build_model(10, spatial_dropout=0.15, dense_dropout=0.4, precision="bfloat16")
    coarse.set_weights(model.get_weights())
    assert {layer.compute_dtype for layer in coarse.layers[1:-1]} == {"bfloat16"}
    assert {weight.dtype for weight in coarse.weights} == {"float32"}
    found, expected = (predict_logits(one, segments[:4]) for one in (coarse, model))
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 0.05 * np.abs(expected).max()
    assert not np.array_equal(found, expected)
