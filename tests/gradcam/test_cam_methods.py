from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from detune.gradcam.cam_methods import (
    CAM_METHODS,
    ablation_cam,
    grad_cam,
    grad_cam_plus_plus,
    hires_cam,
    integrated_gradients,
)
from detune.network.runtime import keras, tf
from detune.params.value_types import CamMethod

LABELS = np.array([[0, 2], [1, 1], [2, 0]], np.int32)
MAPS = np.random.default_rng(0).normal(size=(3, 4, 5, 6)).astype(np.float32)


@pytest.fixture(scope="module")
def head() -> Any:
    """From maps to three logits, by a convolution, a bend and a dense layer: nothing linear."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((4, 5, 6))
    x = keras.layers.Conv2D(7, 1, activation="tanh")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Dense(8, "tanh")(x)))
    model.set_weights([3 * weights for weights in model.get_weights()])
    return model


def logits(head: Any, maps: np.ndarray) -> np.ndarray:
    """The same in NumPy, in double precision, for differences."""
    mixed, mixed_bias, hidden, hidden_bias, last, last_bias = (
        weights.astype(np.float64) for weights in head.get_weights()
    )
    x = np.tanh(maps.astype(np.float64) @ mixed[0, 0] + mixed_bias).mean(axis=(1, 2))
    return np.asarray(np.tanh(x @ hidden + hidden_bias) @ last + last_bias)


def finite_gradients(head: Any, row: int) -> np.ndarray:
    """Gradients of all logits of a segment by its maps, `(genres, 4, 5, 6)`, by differences."""
    step = 1e-5
    moves = step * np.eye(4 * 5 * 6).reshape(-1, 4, 5, 6)
    change = logits(head, MAPS[row] + moves) - logits(head, MAPS[row] - moves)
    return (change / (2 * step)).T.reshape(-1, 4, 5, 6)


def test_grad_cam_is_the_mean_of_gradients_by_finite_differences(head: Any) -> None:
    found = grad_cam(head, tf.constant(MAPS), tf.constant(LABELS)).numpy()
    for row, targets in enumerate(LABELS):
        expected = finite_gradients(head, row).mean(axis=(1, 2))[targets]
        np.testing.assert_allclose(found[row], expected, atol=1e-5)


def test_grad_cam_plus_plus_follows_the_paper(head: Any) -> None:
    found = grad_cam_plus_plus(head, tf.constant(MAPS), tf.constant(LABELS)).numpy()
    for row, targets in enumerate(LABELS):
        gradients = finite_gradients(head, row)
        for place, target in enumerate(targets):
            expected = np.zeros(6)
            for channel in range(6):
                first, maps = gradients[target, ..., channel], MAPS[row, ..., channel]
                # Equation 19, with the derivatives of exp(logit) over exp(logit).
                alpha = first**2 / (
                    2 * first**2 + (maps * first[..., None, None] ** 3).sum((-1, -2))
                )
                expected[channel] = (alpha * np.maximum(first, 0)).sum()
            np.testing.assert_allclose(found[row, place], expected, rtol=1e-4, atol=1e-5)


def test_ablation_cam_is_what_the_logit_loses_without_the_map(head: Any) -> None:
    found = ablation_cam(head, tf.constant(MAPS), tf.constant(LABELS)).numpy()
    whole = logits(head, MAPS)
    for channel in range(6):
        without = MAPS.copy()
        without[..., channel] = 0
        drop = np.take_along_axis(whole - logits(head, without), LABELS, axis=1)
        np.testing.assert_allclose(found[..., channel], drop, atol=1e-5)


def test_hires_cam_is_the_gradient_by_finite_differences(head: Any) -> None:
    found = hires_cam(head, tf.constant(MAPS), tf.constant(LABELS)).numpy()
    for row, targets in enumerate(LABELS):
        np.testing.assert_allclose(found[row], finite_gradients(head, row)[targets], atol=1e-5)


def test_integrated_gradients_add_up_to_the_rise_of_the_logit(head: Any) -> None:
    """Completeness, proposition 1 of the paper."""
    found = integrated_gradients(head, tf.constant(MAPS), tf.constant(LABELS)).numpy()
    shares = (found * MAPS[:, None]).sum(axis=(2, 3, 4))
    rise = logits(head, MAPS) - logits(head, np.zeros_like(MAPS))
    np.testing.assert_allclose(shares, np.take_along_axis(rise, LABELS, axis=1), atol=0.05)


def test_the_parameter_allows_every_method() -> None:
    choices, field = get_args(CamMethod)
    assert set(get_args(choices)) == set(CAM_METHODS)
    assert all(method in field.description for method in CAM_METHODS)


@pytest.mark.parametrize("method", CAM_METHODS)
def test_on_a_linear_head_every_method_finds_the_maps_that_count(method: str) -> None:
    """A map that speaks for a genre weighs more than one that says nothing about it."""
    inputs = keras.Input((4, 5, 2))
    head = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(inputs)))
    head.set_weights([np.array([[2.0, 0.0], [0.0, 3.0]], np.float32), np.zeros(2, np.float32)])
    maps = tf.constant(np.random.default_rng(1).random((1, 4, 5, 2), dtype=np.float32))
    weights = CAM_METHODS[method](head, maps, tf.constant([[0, 1]])).numpy()[0]
    # Of a map as a whole, or of each of its places.
    first, second = weights.reshape(2, -1, 2).mean(axis=1)
    assert first[0] > 0 == pytest.approx(first[1])
    assert second[1] > 0 == pytest.approx(second[0])
