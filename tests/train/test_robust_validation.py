from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.network.runtime import keras
from detune.train.robust_validation import RobustValidation

EPSILON = 0.1


def wavy_network() -> Any:
    """The first logit is the cosine of `frequency` times the mean, less 0.5, of the segment."""
    inputs = keras.Input((128, 130, 1))
    mean = keras.layers.GlobalAveragePooling2D()(inputs)
    phase = keras.layers.Dense(1)(mean)
    wave = keras.layers.Lambda(keras.ops.cos)(phase)
    return keras.Model(inputs, keras.layers.Dense(2)(wave))


def weights(frequency: float) -> list[np.ndarray]:
    """Weights of the wavy network; the second genre has the opposite logit."""
    shift = [np.array([[frequency]]), np.array([-0.5 * frequency])]
    return [*shift, np.array([[9.0, -9.0]]), np.zeros(2)]


FLAT, COLLAPSED = weights(2.0), weights(2 * np.pi / EPSILON)
"""A network that withstands all, and one that comes back after a whole epsilon, not after half."""


def segments(count: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Segments of the first genre, a little off the middle of its wave."""
    return np.full((count, 128, 130), 0.505, np.float32), np.zeros(count, np.int64)


@pytest.mark.parametrize(("planted", "withstood"), [(FLAT, 1.0), (COLLAPSED, 0.0)])
def test_pgd_finds_what_a_single_step_does_not(planted: Any, withstood: float) -> None:
    model = wavy_network()
    validation = RobustValidation(model, segments(), EPSILON)
    model.set_weights(planted)
    found = validation.scores()
    assert found["val_robust_accuracy"] == withstood
    assert found["val_fgsm_accuracy"] == 1.0
    assert (found["val_adversarial_loss"] > 5) == (withstood == 0)


def test_segments_that_are_wrong_when_clean_withstand_nothing() -> None:
    model = wavy_network()
    values, labels = segments(100)
    labels[::2] = 1
    model.set_weights(FLAT)
    found = RobustValidation(model, (values, labels), EPSILON).scores()
    assert 0.4 < found["val_robust_accuracy"] < 0.6
    assert found["val_fgsm_accuracy"] == found["val_robust_accuracy"]
