from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.attack.classifier import LOSSES, CompiledClassifier
from detune.attack.methods import ATTACKS, Clean, loss_of, noise, square
from detune.params import METHODS, Noise, Square


@pytest.fixture(scope="module")
def compiled(network: Any) -> CompiledClassifier:
    return CompiledClassifier(network)


@pytest.fixture(scope="module")
def clean(compiled: CompiledClassifier, segments: np.ndarray, labels: np.ndarray) -> Clean:
    x = segments[..., None]
    return Clean(x, labels, compiled.predict(x))


def made(
    method: Any, compiled: CompiledClassifier, clean: Clean, options: Any, **changes: Any
) -> tuple[np.ndarray, list[int]]:
    done: list[int] = []
    settings = {"epsilon": 0.05, "seed": 3} | changes
    epsilon = settings.pop("epsilon")
    found = method(compiled, clean, epsilon, options, finished=done.append, **settings)
    return np.asarray(found), done


def test_every_method_of_the_grid_is_carried_out() -> None:
    assert tuple(ATTACKS) == METHODS
    assert {loss_of(method) for method in METHODS} == set(LOSSES)


@pytest.mark.parametrize(
    ("method", "options"), [(noise, Noise(draws=3)), (square, Square(segments=19, iterations=20))]
)
def test_controls_stay_in_the_ball_and_come_out_the_same_again(
    method: Any, options: Any, compiled: CompiledClassifier, clean: Clean
) -> None:
    first, done = made(method, compiled, clean, options)
    assert first.dtype == np.float32
    assert np.abs(first - clean.x).max() <= 0.05 + 1e-6
    assert (first.min(), first.max()) >= (0.0, 0.0)
    assert first.max() <= 1
    assert sum(done) == len(clean.x)
    assert np.array_equal(first, made(method, compiled, clean, options)[0])
    assert not np.array_equal(first, made(method, compiled, clean, options, seed=4)[0])


def test_noise_is_of_random_signs_and_leaves_wrong_ones_alone(
    compiled: CompiledClassifier, clean: Clean
) -> None:
    found, _ = made(noise, compiled, clean, Noise(draws=1), epsilon=0.01)
    right = clean.logits.argmax(axis=1) == clean.labels
    assert np.array_equal(found[~right], clean.x[~right])
    inside = (clean.x[right] > 0.02) & (clean.x[right] < 0.98)
    change = (found - clean.x)[right][inside]
    assert np.abs(change) == pytest.approx(0.01, abs=1e-6)
    assert abs(np.sign(change).mean()) < 0.02


def test_more_draws_of_noise_fool_no_fewer(compiled: CompiledClassifier, clean: Clean) -> None:
    standing = []
    for draws in (1, 5, 20):
        found, _ = made(noise, compiled, clean, Noise(draws=draws), epsilon=0.2)
        standing.append(np.mean(compiled.predict(found).argmax(axis=1) == clean.labels))
    assert standing[0] >= standing[1] >= standing[2]


def test_square_needs_no_gradient(network: Any, clean: Clean) -> None:
    compiled = CompiledClassifier(network)
    found, _ = made(square, compiled, clean, Square(segments=19, iterations=30), epsilon=0.3)
    assert compiled.gradients == 0
    before = np.mean(clean.logits.argmax(axis=1) == clean.labels)
    assert np.mean(compiled.predict(found).argmax(axis=1) == clean.labels) < before
