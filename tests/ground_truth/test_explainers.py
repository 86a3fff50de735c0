from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.gradcam.cam_methods import CAM_METHODS
from detune.ground_truth.explainers import (
    BASELINES,
    GRADIENT,
    LOUDEST,
    all_explainers,
    random_explainer,
)


def test_every_explainer_gives_heat_on_the_segments_grid(
    network: Any, segments: np.ndarray
) -> None:
    explainers = all_explainers(network, CompiledClassifier(network))
    assert list(explainers) == [*CAM_METHODS, *BASELINES]
    targets = np.array([0, 1, 2])
    for explain in explainers.values():
        heat = explain(segments[:3], targets)
        assert heat.shape == (3, 128, 130)
        assert heat.min() >= 0
    np.testing.assert_array_equal(explainers[LOUDEST](segments[:3], targets), segments[:3])


def test_the_plain_gradient_is_that_of_the_target(network: Any, segments: np.ndarray) -> None:
    explain = all_explainers(network, CompiledClassifier(network))[GRADIENT]
    first, second = (explain(segments[:1], np.array([target]))[0] for target in (0, 1))
    assert np.abs(first - second).max() > 1e-6
    step = np.zeros((1, 128, 130), np.float32)
    at = np.unravel_index(first.argmax(), first.shape)
    step[0][at] = 1e-3
    up, down = (
        network.predict((segments[:1] + sign * step)[..., None], verbose=0)[0, 0]
        for sign in (1, -1)
    )
    assert first[at] == pytest.approx(abs(up - down) / 2e-3, rel=0.05)


def test_random_weights_are_others(network: Any, segments: np.ndarray) -> None:
    own, other = (
        explain(segments[:3], np.array([0, 1, 2]))
        for explain in (
            all_explainers(network, CompiledClassifier(network))["grad-cam"],
            random_explainer(network, "last", "grad-cam", seed=1),
        )
    )
    assert not np.allclose(own, other)
