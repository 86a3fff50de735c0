from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.planted import measured as measured_on
from tests.planted import settings

SHARES = (
    *("pgd", "pgd_without_giving_up", "pgd_double_steps", "pgd_margin", "pgd_no_limit"),
    *("noise", "square"),
)


@pytest.fixture(scope="module")
def measured(network: Any, segments: np.ndarray) -> dict[str, Any]:
    labels = network.predict(segments[..., None], verbose=0).argmax(axis=1)
    return measured_on(network, segments, labels, settings())


def test_measurements_are_numbers_that_a_file_can_hold(measured: dict[str, Any]) -> None:
    assert json.loads(json.dumps(measured)) == measured
    assert all(0 <= measured[name] <= 1 for name in SHARES)


def test_attacks_are_ordered_by_what_they_may_do(measured: dict[str, Any]) -> None:
    assert measured["pgd_no_limit"] == 0
    assert measured["pgd_double_steps"] <= measured["pgd_without_giving_up"] <= measured["pgd"]
    assert 0 < measured["pgd"] < measured["noise"]


def test_losses_begin_with_the_clean_ones_and_end_after_the_last_step(
    measured: dict[str, Any],
) -> None:
    assert len(measured["losses"]) == 1 + settings().pgd.steps
    assert measured["losses"][-1] > measured["losses"][0]


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
