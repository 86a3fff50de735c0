from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.gradcam.measures import MEASURES
from detune.gradcam.parameter_randomization import randomize_parameters
from detune.network.runtime import keras
from detune.train.network import build_model


@pytest.fixture(scope="module")
def trained() -> keras.Model:
    """The real network with weights that no fresh start would have."""
    keras.utils.set_random_seed(1)
    return build_model(3, spatial_dropout=0.0, dense_dropout=0.0)


@pytest.fixture(scope="module")
def steps(trained: keras.Model, segments: np.ndarray) -> list[tuple[str, dict[str, np.ndarray]]]:
    return list(randomize_parameters(trained, segments[:3], seed=2))


def test_layers_become_random_from_the_top_down(steps: Any) -> None:
    halves = [f"block{block}{half}_conv" for block in (4, 3, 2, 1) for half in "ba"]
    assert [layer for layer, _ in steps] == ["logits", "dense2", "dense1", *halves]
    for _, values in steps:
        assert set(values) == set(MEASURES)
        assert {each.shape for each in values.values()} == {(3,)}


def test_random_weights_change_the_heatmap(steps: Any) -> None:
    assert np.nanmean(steps[-1][1]["spearman"]) < 0.9


def test_the_model_itself_stays_as_it_is(trained: keras.Model, segments: np.ndarray) -> None:
    before = [weights.copy() for weights in trained.get_weights()]
    next(iter(randomize_parameters(trained, segments[:2], seed=2)))
    assert all(np.array_equal(a, b) for a, b in zip(before, trained.get_weights(), strict=True))


def test_the_weights_that_training_began_with_change_nothing(segments: np.ndarray) -> None:
    """A model that never learnt is its own random copy, if the seed is the same."""
    keras.utils.set_random_seed(4)
    inputs = keras.Input((128, 130, 1))
    maps = keras.layers.Conv2D(4, 16, strides=16, activation="relu")(inputs)
    pooled = keras.layers.GlobalAveragePooling2D()(maps)
    blank = keras.Model(inputs, keras.layers.Dense(2)(pooled))
    keras.utils.set_random_seed(4)
    random = keras.models.clone_model(blank)
    blank.set_weights(random.get_weights())
    for _, values in randomize_parameters(blank, segments[:3], seed=4):
        known = values["spearman"][np.isfinite(values["spearman"])]
        np.testing.assert_allclose(known, 1)
