from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from detune.attack import defences
from detune.attack.classifier import CompiledClassifier
from detune.attack.defences import DEFENCES, LEVELS, SHIFT, defended, surrogate
from detune.network.runtime import keras, tf

SHAPE = (128, 130, 1)
VALUES = np.random.default_rng(0).random((5, *SHAPE), dtype=np.float32)


@pytest.fixture(scope="module")
def network() -> Any:
    """One that gives back, as logits, the segment's values in a few places and its mean."""
    inputs = keras.Input(SHAPE, name="segment")
    x = keras.layers.Conv2D(3, 3, use_bias=False, name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU()(x))
    model = keras.Model(inputs, keras.layers.Dense(4, name="logits")(x))
    random = np.random.default_rng(0)
    model.set_weights([random.uniform(0.1, 1, weight.shape) for weight in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def echo() -> Any:
    """A network whose logits are the segment itself."""
    inputs = keras.Input(SHAPE)
    return keras.Model(inputs, keras.layers.Flatten()(inputs))


def changed(echo: Any, defence: str) -> np.ndarray:
    """What a defence makes of `VALUES`."""
    return np.asarray(defended(echo, defence)(VALUES)).reshape(VALUES.shape)


def test_without_a_defence_it_is_the_model_itself(network: Any) -> None:
    assert defended(network, "none") is network
    assert surrogate(network, "none") is network


def test_quantisation_leaves_so_many_values_the_nearest_ones(echo: Any) -> None:
    result = changed(echo, "quantisation")
    assert len(np.unique(result)) == LEVELS
    assert np.abs(result - VALUES).max() <= 0.5 / (LEVELS - 1) + 1e-6


def test_smoothing_is_the_mean_of_the_neighbourhood(echo: Any) -> None:
    result = changed(echo, "smoothing")
    np.testing.assert_allclose(result[2, 50, 60, 0], VALUES[2, 49:52, 59:62].mean(), rtol=1e-5)
    np.testing.assert_allclose(result[2, 0, 0, 0], VALUES[2, :2, :2].mean(), rtol=1e-5)


def test_both_smooth_first(echo: Any) -> None:
    expected = np.round(changed(echo, "smoothing") * (LEVELS - 1)) / (LEVELS - 1)
    np.testing.assert_allclose(changed(echo, "quantisation-smoothing"), expected, atol=1e-6)


def test_a_random_shift_is_drawn_for_each_segment_and_answer(echo: Any) -> None:
    def shifts(result: np.ndarray) -> list[int]:
        """By how many frames each segment was moved."""
        found = [
            [s for s in range(-SHIFT, SHIFT + 1) if np.array_equal(np.roll(one, s, axis=1), moved)]
            for one, moved in zip(VALUES, result, strict=True)
        ]
        assert all(len(one) == 1 for one in found), "moved as a whole, by one number of frames"
        return [one[0] for one in found]

    drawn = [shifts(changed(echo, "random-shift")) for _ in range(2)]
    model = defended(echo, "random-shift")
    again = [shifts(np.asarray(model(VALUES)).reshape(VALUES.shape)) for _ in range(2)]
    assert len(set(drawn[0])) > 1
    assert again[0] != again[1]


@pytest.mark.parametrize("defence", [name for name in DEFENCES if name != "none"])
def test_the_defended_network_keeps_its_layers_and_weights(network: Any, defence: str) -> None:
    whole = defended(network, defence)
    names = [layer.name for layer in whole.layers if not layer.name.startswith(defences.NAME)]
    assert names == [layer.name for layer in network.layers]
    assert whole.output_shape == network.output_shape
    front = keras.Model(whole.inputs[0], whole.get_layer("conv").input)
    if defence != "random-shift":
        np.testing.assert_allclose(whole(VALUES), network(front(VALUES)), atol=1e-6)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_folded_copy_has_the_defence_in_float32(network: Any, precision: str) -> None:
    classifier = CompiledClassifier(defended(network, "quantisation"), precision=precision)
    steps = np.full((4, *SHAPE), 10.4 / (LEVELS - 1), np.float32)
    same = np.full((4, *SHAPE), 10 / (LEVELS - 1), np.float32)
    logits = classifier.gradient_model_logits(steps)
    np.testing.assert_array_equal(logits, classifier.gradient_model_logits(same))
    np.testing.assert_allclose(logits, classifier.predict(steps), rtol=0.02)


def test_a_rounding_has_no_gradient_and_its_surrogate_has(network: Any) -> None:
    labels = np.zeros(5, np.int64)
    masked = CompiledClassifier(defended(network, "quantisation"))
    _, gradient = masked.logits_and_gradient(VALUES, labels)
    assert not gradient.any()
    assert masked.useless_gradients == 5
    through = CompiledClassifier(surrogate(network, "quantisation"))
    logits, gradient = through.logits_and_gradient(VALUES, labels)
    np.testing.assert_allclose(logits, masked.predict(VALUES), atol=1e-5)
    rounded = changed_by(network, VALUES)
    _, expected = CompiledClassifier(network).logits_and_gradient(rounded, labels)
    np.testing.assert_allclose(gradient, expected, atol=1e-7)
    assert gradient.any()


def changed_by(network: Any, values: np.ndarray) -> np.ndarray:
    """The rounded values, as the network behind the defence gets them."""
    whole = defended(network, "quantisation")
    return np.asarray(keras.Model(whole.inputs[0], whole.get_layer("conv").input)(values))


def test_the_surrogate_of_a_random_shift_is_a_mean_over_shifts(network: Any) -> None:
    mean = surrogate(network, "random-shift")
    roll = partial(tf.roll, VALUES, axis=2)
    expected = np.mean([network(roll(shift=s)) for s in defences.OFFSETS], axis=0)
    np.testing.assert_allclose(mean(VALUES), expected, atol=1e-5)
