from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import SurvivorPGD
from detune.minimum_norm.search import Minimum, find_minimum
from detune.network.runtime import keras, tf


@pytest.fixture(scope="module")
def compiled(network: Any) -> CompiledClassifier:
    return CompiledClassifier(network)


@pytest.fixture(scope="module")
def x(segments: np.ndarray) -> np.ndarray:
    return segments[..., None]


@pytest.fixture(scope="module")
def done() -> list[int]:
    return []


@pytest.fixture(scope="module")
def found(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray, done: list[int]
) -> Minimum:
    return find_minimum(compiled, x, labels, finished=done.append)


def fooled(
    compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray, epsilon: float
) -> np.ndarray:
    """Which segments PGD turns at an epsilon, with many steps."""
    attack = SurvivorPGD(
        compiled,
        epsilon=epsilon,
        step=epsilon / 10,
        steps=60,
        random_start=False,
        seed=0,
        abort_early=8,
    )
    return np.asarray(compiled.predict(attack.generate(x, labels)).argmax(axis=1) != labels)


def test_what_is_found_is_adversarial_and_exactly_as_large_as_it_says(
    found: Minimum, compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    turned = found.epsilons > 0
    predicted = compiled.predict(found.adversarial).argmax(axis=1)
    assert (predicted != labels).all()
    sizes = np.abs(found.adversarial - x).max(axis=(1, 2, 3))
    np.testing.assert_allclose(sizes, found.epsilons, atol=1e-7)
    assert turned.sum() == 15
    assert found.adversarial.min() >= 0
    assert found.adversarial.max() <= 1


def test_nothing_smaller_is_found_by_pgd_at_any_epsilon(
    found: Minimum, compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    turned = np.flatnonzero(found.epsilons > 0)
    smallest = np.full(len(x), np.inf)
    for epsilon in np.geomspace(found.epsilons[turned].min() / 2, found.epsilons.max(), 25):
        hit = fooled(compiled, x, labels, float(epsilon)) & np.isinf(smallest)
        smallest[hit] = epsilon
    assert (found.epsilons[turned] <= 1.01 * smallest[turned]).all()


def test_a_segment_that_is_wrong_needs_no_change(
    found: Minimum, compiled: CompiledClassifier, x: np.ndarray, labels: np.ndarray
) -> None:
    wrong = compiled.predict(x).argmax(axis=1) != labels
    assert wrong.any()
    assert (found.epsilons[wrong] == 0).all()
    assert np.array_equal(found.adversarial[wrong], x[wrong])


def test_every_segment_is_reported_done_once(
    found: Minimum, done: list[int], x: np.ndarray
) -> None:
    assert sum(done) == len(x) == len(found.epsilons)


def test_a_wider_tolerance_costs_less_and_stays_within_it(
    found: Minimum, network: Any, x: np.ndarray, labels: np.ndarray
) -> None:
    coarse = find_minimum(CompiledClassifier(network), x, labels, tolerance=0.2)
    assert coarse.gradients < found.gradients
    assert (coarse.epsilons <= 1.21 * found.epsilons).all()


def test_what_no_radius_turns_is_infinite(network: Any, x: np.ndarray) -> None:
    hollow = keras.Model(network.inputs, network.output * 0.0 + np.array([1.0, 0.0, 0.0]))
    classifier = CompiledClassifier(hollow)
    found = find_minimum(classifier, x[:3], np.zeros(3, np.int64))
    assert np.isinf(found.epsilons).all()
    assert np.array_equal(found.adversarial, x[:3])


def test_gradients_that_are_not_numbers_end_the_search(network: Any, x: np.ndarray) -> None:
    @tf.custom_gradient
    def lost(z: Any) -> Any:
        return tf.identity(z), lambda gradient: gradient * np.nan

    broken = keras.Model(network.inputs, keras.layers.Lambda(lost)(network.output))
    classifier = CompiledClassifier(broken)
    labels = classifier.predict(x[:2]).argmax(axis=1)
    assert np.isinf(find_minimum(classifier, x[:2], labels).epsilons).all()


def test_an_epsilon_as_small_as_float32_can_tell_ends_the_search(
    network: Any, x: np.ndarray
) -> None:
    classifier = CompiledClassifier(network)
    labels = classifier.predict(x[:4]).argmax(axis=1)
    nearly = find_minimum(classifier, x[:4], labels, tolerance=1e-6)
    assert (nearly.epsilons > 0).all()
    assert np.isfinite(nearly.epsilons).all()
