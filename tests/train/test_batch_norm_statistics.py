from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.network.runtime import keras
from detune.train import batch_norm_statistics
from detune.train.batch_norm_statistics import StatisticsEstimator


@pytest.fixture(autouse=True)
def _one_norm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network of one batch norm on the segments as they are."""

    def build(genres: int, *, norm: Any, **_: Any) -> Any:
        inputs = keras.Input((4, 6, 1))
        x = norm(epsilon=1e-6, name="norm")(inputs)
        return keras.Model(inputs, keras.layers.Dense(genres)(x))

    monkeypatch.setattr(batch_norm_statistics, "build_model", build)


def test_statistics_are_those_of_the_segments_and_other_weights_stay() -> None:
    segments = np.random.default_rng(0).normal(3, 2, size=(96, 4, 6)).astype(np.float32)
    estimator = StatisticsEstimator(segments, 2, seed=1)
    weights = [np.full(shape, 7, np.float32) for shape in [(1,), (1,), (1,), (1,), (1, 2), (2,)]]
    gamma, beta, mean, variance, kernel, bias = estimator.estimate(weights)
    for kept in (gamma, beta, kernel, bias):
        assert (kept == 7).all()
    assert mean[0] == pytest.approx(segments.mean(), abs=1e-5)
    assert variance[0] == pytest.approx(segments.var(), rel=0.01)


def test_the_same_weights_give_the_same_statistics() -> None:
    segments = np.random.default_rng(0).normal(size=(200, 4, 6)).astype(np.float32)
    weights = [np.ones(shape, np.float32) for shape in [(1,), (1,), (1,), (1,), (1, 2), (2,)]]
    found = [StatisticsEstimator(segments, 2, seed).estimate(weights) for seed in (1, 1, 2)]
    assert all(np.array_equal(a, b) for a, b in zip(found[0], found[1], strict=True))
    assert not np.array_equal(found[0][2], found[2][2])
