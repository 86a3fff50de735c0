from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.gradcam.retrained import pooled_maps, retrain_head
from detune.network.runtime import keras


@pytest.fixture(scope="module")
def again(network: Any, segments: np.ndarray) -> Any:
    truth = network.predict(segments[..., None], verbose=0).argmax(axis=1)
    return retrain_head(network, segments, truth, seed=5)


def test_only_what_follows_the_average_is_learnt_anew(network: Any, again: Any) -> None:
    for kept, fresh in zip(
        network.get_layer("conv").get_weights(),
        again.get_layer("conv").get_weights(),
        strict=True,
    ):
        assert np.array_equal(kept, fresh)
    first, second = (model.get_layer("logits").get_weights()[0] for model in (network, again))
    assert not np.allclose(first, second)


def test_the_model_itself_stays_as_it_is(network: Any, segments: np.ndarray) -> None:
    before = [weights.copy() for weights in network.get_weights()]
    retrain_head(network, segments[:4], np.zeros(4, np.int64), seed=5)
    assert all(np.array_equal(a, b) for a, b in zip(before, network.get_weights(), strict=True))


def test_the_same_seed_gives_the_same_head_and_another_another(
    network: Any, segments: np.ndarray
) -> None:
    labels = np.arange(len(segments)) % 3
    first, second, other = (
        retrain_head(network, segments, labels, seed=seed).get_layer("logits").get_weights()[0]
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, second)
    assert not np.allclose(first, other)


def test_it_learns(segments: np.ndarray) -> None:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((128, 130, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Dense(64, "relu")(pooled)))
    bright = np.tile(np.concatenate([0.1 * segments, 0.1 * segments + 0.9]), (6, 1, 1))
    labels = np.tile(np.repeat([0, 1], len(segments)), 6)
    learnt = retrain_head(model, bright, labels, seed=1)
    found = learnt.predict(bright[..., None], verbose=0).argmax(axis=1)
    assert (found == labels).mean() > 0.9


def test_pooled_maps_are_those_of_the_model(network: Any, segments: np.ndarray) -> None:
    average = network.layers[2]
    features = keras.Model(network.inputs, average.output)
    expected = features.predict(segments[..., None], verbose=0)
    np.testing.assert_allclose(pooled_maps(features, segments), expected, atol=1e-5)
