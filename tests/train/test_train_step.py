from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest

from detune.network.runtime import keras
from detune.train import network
from detune.train.devices import Replicas
from detune.train.train_step import Trainer
from tests.benchmarks.plain import plain_model
from tests.train.test_fit import PARAMS


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network's layers with few feature maps, which are as many to trace."""
    monkeypatch.setattr(network, "FILTERS", (4, 8))
    monkeypatch.setattr(network, "UNITS", (16,))


STILL = replace(PARAMS, spatial_dropout=0.0, dense_dropout=0.0)


def batch(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Excerpts, and what they are of."""
    random = np.random.default_rng(0)
    targets = np.eye(3, dtype=np.float32)[np.arange(count) % 3]
    return random.random((count, 128, 32, 1), dtype=np.float32), targets


def first_step(precision: str, method: str) -> np.ndarray:
    """By how much a step moves each weight of a network that is always the same."""
    keras.utils.set_random_seed(1)
    adversarial = replace(STILL.adversarial, method=method)
    params = replace(STILL, precision=precision, adversarial=adversarial)
    trainer = Trainer(3, params, 10, Replicas([], 8))
    before = trainer.weights
    trainer.learn(*batch(8))
    moved = [after - start for after, start in zip(trainer.weights, before, strict=True)]
    return np.concatenate([part.ravel() for part in moved])


@pytest.mark.parametrize("method", ["none", "fgsm-rs"])
def test_a_step_in_bfloat16_goes_the_same_way(method: str) -> None:
    """With `fgsm-rs` it is attacked in bfloat16 too."""
    exact, coarse = (first_step(precision, method) for precision in ("float32", "bfloat16"))
    assert not np.array_equal(exact, coarse)
    cosine = exact @ coarse / np.linalg.norm(exact) / np.linalg.norm(coarse)
    assert cosine > 0.9


@pytest.mark.parametrize("method", ["none", "trades"])
def test_a_step_is_traced_once(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice, where it makes variables: half of what a first step takes would be lost."""
    traced = []
    step = keras.Model.train_step
    monkeypatch.setattr(
        keras.Model, "train_step", lambda *data: traced.append(method) or step(*data)
    )
    first_step("float32", method)
    assert traced == [method]


def test_steps_are_those_of_kerass_own_layers() -> None:
    """Later ones drift apart: Adam makes steps as large of the rounding in gradients of zero."""
    keras.utils.set_random_seed(1)
    slow = replace(STILL, learning_rate=1e-4, schedule="plateau")
    fused = Trainer(3, slow, 10, Replicas([], 8))
    with patch("detune.train.train_step.build_model", plain_model):
        plain = Trainer(3, slow, 10, Replicas([], 8))
    plain.state = fused.state
    for _ in range(3):
        losses = []
        for trainer in (fused, plain):
            trainer.restart()
            losses.append(trainer.learn(*batch(8))["loss"])
        assert losses[0] == pytest.approx(losses[1], abs=1e-3)


def test_a_step_tells_the_loss_and_accuracy_since_the_restart() -> None:
    keras.utils.set_random_seed(1)
    trainer = Trainer(3, replace(STILL, learning_rate=1e-9), 10, Replicas([], 8))
    values, targets = batch(8)
    first = trainer.learn(values, targets)
    turned = trainer.learn(values, np.roll(targets, 1, axis=1))
    trainer.restart()
    alone = trainer.learn(values, np.roll(targets, 1, axis=1))
    for name in ("loss", "accuracy"):
        assert turned[name] == pytest.approx((first[name] + alone[name]) / 2, rel=1e-4)
    assert alone["loss"] != pytest.approx(first["loss"], rel=1e-4)


def test_a_state_that_is_put_back_leads_to_the_same_step() -> None:
    keras.utils.set_random_seed(1)
    trainer = Trainer(3, PARAMS, 10, Replicas([], 8))
    state = trainer.state
    trainer.learn(*batch(8))
    expected = trainer.weights
    trainer.learn(*batch(8))
    trainer.state = state
    trainer.learn(*batch(8))
    for found, wanted in zip(trainer.weights, expected, strict=True):
        assert np.array_equal(found, wanted)
