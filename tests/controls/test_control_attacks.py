from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import SurvivorPGD
from tests.planted import measured as measured_once
from tests.planted import settings, traced_once

SHARES = (
    *("pgd", "pgd_all_steps", "pgd_double_steps", "pgd_margin", "pgd_no_limit"),
    *("noise", "square"),
)


def measured_on(*arguments: Any) -> dict[str, Any]:
    with traced_once():
        found: dict[str, Any] = measured_once(*arguments)
        return found


@pytest.fixture(scope="module")
def measured(network: Any, segments: np.ndarray) -> dict[str, Any]:
    labels = network.predict(segments[..., None], verbose=0).argmax(axis=1)
    return measured_on(network, segments, labels, settings())


def test_measurements_are_numbers_that_a_file_can_hold(measured: dict[str, Any]) -> None:
    assert json.loads(json.dumps(measured)) == measured
    assert all(0 <= measured[name] <= 1 for name in SHARES)


def test_attacks_are_ordered_by_what_they_may_do(measured: dict[str, Any]) -> None:
    assert measured["pgd_no_limit"] == 0
    assert measured["pgd_double_steps"] <= measured["pgd_all_steps"] <= measured["pgd"]
    assert 0 < measured["pgd"] < measured["noise"]


def test_losses_nearby_differ_a_little(measured: dict[str, Any]) -> None:
    losses, nearby = np.asarray(measured["losses"]), np.asarray(measured["losses_nearby"])
    assert losses.shape == (2 * measured["segments"],)
    assert nearby.shape == (2 * measured["segments"], 4)
    change = np.abs(nearby - losses[:, None])
    assert 0 < change.mean() < 0.05


def test_one_run_tells_of_all_steps_and_of_twice_as_many(
    network: Any, segments: np.ndarray
) -> None:
    labels = network.predict(segments[..., None], verbose=0).argmax(axis=1)
    short = settings(steps=3)
    found = measured_on(network, segments, labels, short)
    attack = SurvivorPGD(
        CompiledClassifier(network),
        epsilon=found["epsilon"],
        step=0.1 * found["epsilon"],
        steps=3,
        random_start=False,
        seed=0,
    )
    adversarial = attack.generate(segments[..., None], labels)
    predicted = network.predict(adversarial, verbose=0).argmax(axis=1)
    assert found["pgd_all_steps"] == pytest.approx((predicted == labels).mean())
    assert found["pgd_double_steps"] < found["pgd_all_steps"]


def test_epsilon_0_and_another_order_change_nothing(measured: dict[str, Any]) -> None:
    first, second = (np.asarray(logits) for logits in measured["logits"])
    assert np.abs(first - second).max() < 1e-5
    assert measured["zero_epsilon"] == first.argmax(axis=1).tolist()


def test_progress_is_told(
    network: Any, segments: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = network.predict(segments[..., None], verbose=0).argmax(axis=1)
    measured_on(network, segments[:3], labels[:3], settings(steps=2))
    assert "controls: 100%" in capsys.readouterr().err
