from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.statistics.bootstrap import Bootstrap
from detune.waveform.cell import MASKED
from detune.waveform.table import COLUMNS, curve, median_snr, tabulate, verdict

SONGS = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"]
BOOTSTRAP = Bootstrap(SONGS, 0)


def cell(correct: int, level: str = "40", **changed: Any) -> dict[str, np.ndarray]:
    """A cell of ten segments, of which the first `correct` remain correct."""
    label = np.zeros(10, dtype=np.int64)
    right = np.eye(2)[label]
    logits = right.copy()
    logits[correct:] = 1 - logits[correct:]
    kinds = [MASKED] if level == MASKED else ["white", "shaped"]
    return {
        "row": np.arange(10),
        "label": label,
        "adversarial_logits": logits,
        "example_logits": logits[:2],
        "snr_db": np.full(10, 40.0),
        "reach": np.full(10, 0.99),
        "example_reach": np.full(2, 0.99),
        "example_losses": np.array([[0, 2, 3, 3.9, 4.0], [0, 2, 3, 3.9, 4.0]]),
        **{f"noise_{kind}_logits": right for kind in kinds},
        "zero_gradient_fraction": np.asarray(0.0),
    } | changed


def grid(**changed: Any) -> dict[str, dict[str, np.ndarray]]:
    return {
        "60": cell(9, **changed),
        "40": cell(5, **changed),
        "20": cell(1, **changed),
        MASKED: cell(2, MASKED),
    }


def test_rows_have_every_column_and_only_the_noise_of_their_cell() -> None:
    rows = tabulate(grid(), BOOTSTRAP)
    assert [row["correct"] for row in rows] == [0.9, 0.5, 0.1, 0.2]
    assert all(set(row) == set(COLUMNS) for row in rows)
    assert (rows[0]["noise_white"], rows[0]["noise_masked"]) == (1.0, "")
    assert (rows[3]["noise_white"], rows[3]["noise_masked"]) == ("", 1.0)
    assert rows[1]["correct_low"] < 0.5 < rows[1]["correct_high"]


def test_curves_are_of_the_attack_and_of_noise_of_the_same_snr() -> None:
    points = curve(tabulate(grid(), BOOTSTRAP))["curve"]
    by_method: dict[str, list[float]] = {}
    for point in points:
        assert point["correct_low"] <= point["correct"] <= point["correct_high"]
        by_method.setdefault(point["method"], []).append(point["correct"])
    assert by_method == {
        "attack": [0.9, 0.5, 0.1],
        "white noise": [1, 1, 1],
        "shaped noise": [1, 1, 1],
    }
    assert sorted({point["snr_db"] for point in points}) == [20, 40, 60]
    assert curve(tabulate({MASKED: cell(2, MASKED)}, BOOTSTRAP)) == {}


def test_half_of_the_segments_fall_at_this_ratio() -> None:
    assert median_snr(grid()) == 20
    assert median_snr({"60": cell(4), "40": cell(1)}) == 60
    assert median_snr({"60": cell(9), MASKED: cell(0, MASKED)}) is None


def test_a_sound_grid_is_trustworthy() -> None:
    assert all(check.passed for check in verdict(grid()).values())


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        ("within_epsilon", {"reach": np.full(10, 1.01)}),
        ("outputs_are_numbers", {"example_logits": np.full((2, 2), np.nan)}),
        ("gradients_lead_somewhere", {"zero_gradient_fraction": np.asarray(0.5)}),
        ("loss_rises", {"example_losses": np.array([[0, 3, 2, 3.9, 4.0]])}),
        ("optimisation_is_complete", {"example_losses": np.array([[0, 1, 2, 3, 4.0]])}),
        ("noise_is_weaker", {"noise_white_logits": 1 - np.eye(2)[np.zeros(10, int)]}),
    ],
)
def test_each_check_fails_where_it_should(check: str, changed: dict[str, Any]) -> None:
    failed = {name for name, one in verdict(grid(**changed)).items() if not one.passed}
    assert failed == {check}


def test_a_louder_attack_that_does_less_is_not_trusted() -> None:
    lost = grid() | {"20": cell(8)}
    assert not verdict(lost)["falls_with_epsilon"].passed
