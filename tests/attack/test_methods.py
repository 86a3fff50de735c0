from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.attack.classifier import LOSSES, CompiledClassifier
from detune.attack.methods import ATTACKS, apgd, loss_of, noise, square
from detune.attack.pgd import Clean, Outcome
from detune.network.runtime import keras
from detune.params.method_options import METHODS, Apgd, Noise, Square
from detune.support.errors import UserError


@pytest.fixture(scope="module")
def compiled(network: Any) -> CompiledClassifier:
    return CompiledClassifier(network)


@pytest.fixture(scope="module")
def clean(compiled: CompiledClassifier, segments: np.ndarray, labels: np.ndarray) -> Clean:
    x = segments[..., None]
    return Clean(x, labels, compiled.predict(x), np.arange(19) // 4, np.array([0, 6, 3]))


def made(
    method: Any, compiled: CompiledClassifier, clean: Clean, options: Any, **changes: Any
) -> tuple[Outcome, list[int]]:
    done: list[int] = []
    settings = {"epsilon": 0.05, "seed": 3} | changes
    epsilon = settings.pop("epsilon")
    found = method(compiled, clean, epsilon, options, finished=done.append, **settings)
    return found, done


def test_every_method_of_the_grid_is_carried_out() -> None:
    assert tuple(ATTACKS) == METHODS
    assert {loss_of(method) for method in METHODS} == set(LOSSES)


@pytest.mark.parametrize(
    ("method", "options"),
    [
        (noise, Noise(draws=3)),
        (square, Square(segments=19, iterations=20)),
        (apgd, Apgd(steps=5, restarts=1)),
    ],
)
def test_controls_stay_in_the_ball_and_come_out_the_same_again(
    method: Any, options: Any, compiled: CompiledClassifier, clean: Clean
) -> None:
    outcome, done = made(method, compiled, clean, options)
    first = outcome.adversarial
    assert first.dtype == np.float32
    assert np.abs(first - clean.x).max() <= 0.05 + 1e-6
    assert (first.min(), first.max()) >= (0.0, 0.0)
    assert first.max() <= 1
    assert sum(done) == len(clean.x)
    assert np.array_equal(first, made(method, compiled, clean, options)[0].adversarial)
    assert not np.array_equal(first, made(method, compiled, clean, options, seed=4)[0].adversarial)


def test_noise_is_of_random_signs_and_leaves_wrong_ones_alone(
    compiled: CompiledClassifier, clean: Clean
) -> None:
    outcome, _ = made(noise, compiled, clean, Noise(draws=1), epsilon=0.01)
    found = outcome.adversarial
    right = clean.logits.argmax(axis=1) == clean.labels
    assert np.array_equal(found[~right], clean.x[~right])
    inside = (clean.x[right] > 0.02) & (clean.x[right] < 0.98)
    change = (found - clean.x)[right][inside]
    assert np.abs(change) == pytest.approx(0.01, abs=1e-6)
    assert abs(np.sign(change).mean()) < 0.02


def test_more_draws_of_noise_fool_no_fewer(compiled: CompiledClassifier, clean: Clean) -> None:
    standing = []
    for draws in (1, 5, 20):
        outcome, _ = made(noise, compiled, clean, Noise(draws=draws), epsilon=0.2)
        standing.append(
            np.mean(compiled.predict(outcome.adversarial).argmax(axis=1) == clean.labels)
        )
    assert standing[0] >= standing[1] >= standing[2]


def test_square_needs_no_gradient(network: Any, clean: Clean) -> None:
    compiled = CompiledClassifier(network)
    outcome, _ = made(square, compiled, clean, Square(segments=19, iterations=30), epsilon=0.3)
    found = outcome.adversarial
    assert compiled.gradients == 0
    before = np.mean(clean.logits.argmax(axis=1) == clean.labels)
    assert np.mean(compiled.predict(found).argmax(axis=1) == clean.labels) < before


def test_noise_of_examples_is_of_full_size_also_where_they_were_wrong(
    compiled: CompiledClassifier, clean: Clean
) -> None:
    outcome, _ = made(noise, compiled, clean, Noise(draws=2), epsilon=0.01)
    change = np.abs(outcome.examples - clean.x[clean.examples]).max(axis=(1, 2, 3))
    assert change == pytest.approx(0.01, abs=1e-6)
    assert outcome.song_predictions is not None
    assert len(outcome.song_predictions) == 5


def test_apgd_climbs_the_classifiers_own_loss_and_builds_no_other(network: Any) -> None:
    compiled = CompiledClassifier(network)
    x = np.random.default_rng(0).uniform(0, 1, (5, 128, 130, 1)).astype(np.float32)
    labels = compiled.predict(x).argmax(axis=1)
    before = compiled.compute_loss(x, labels)
    clean = Clean(x, labels, compiled.predict(x), examples=np.arange(5))
    outcome, _ = made(apgd, compiled, clean, Apgd(steps=10, restarts=1), epsilon=0.001)
    # Ten steps of five segments: all gradients are this classifier's.
    assert compiled.gradients == 50
    assert (compiled.compute_loss(outcome.examples, labels) > before).all()
    fgsm_step = clean.x + 0.001 * np.sign(compiled.loss_gradient(clean.x, labels))
    one_step = compiled.compute_loss(np.clip(fgsm_step, 0, 1), labels)
    assert (compiled.compute_loss(outcome.examples, labels) > 0.98 * one_step).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_is_the_one_whose_gradient_is_taken(loss: str, network: Any) -> None:
    compiled = CompiledClassifier(network, loss=loss)
    x = np.random.default_rng(1).uniform(0.2, 0.8, (3, 128, 130, 1)).astype(np.float32)
    labels = np.array([0, 1, 2])
    gradient = compiled.loss_gradient(x, labels)
    move = 1e-3 * gradient / np.abs(gradient).max(axis=(1, 2, 3), keepdims=True)
    ahead, behind = (compiled.compute_loss(x + way * move, labels) for way in (1, -1))
    expected = 2 * (gradient * move).sum(axis=(1, 2, 3))
    assert ahead - behind == pytest.approx(expected, rel=0.02, abs=1e-5)
    total = compiled.compute_loss(x, labels).sum()
    assert compiled.compute_loss(x, np.eye(3)[labels], reduction="sum") == pytest.approx(total)
    assert compiled.compute_loss(x, labels, reduction="mean") == pytest.approx(total / 3)


def test_apgd_says_in_one_line_that_it_needs_logits(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    softened = keras.Model(network.inputs, keras.layers.Softmax()(network.output))
    classifier = CompiledClassifier(softened)
    clean = Clean(segments[..., None], labels, classifier.predict(segments[..., None]))
    with pytest.raises(UserError, match="apgd: the model's outputs are probabilities"):
        made(apgd, classifier, clean, Apgd(steps=2, restarts=1), epsilon=0.01)
