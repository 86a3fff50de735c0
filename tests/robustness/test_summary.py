from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detune.robustness.summary import (
    CELL_COLUMNS,
    CURVE_FIELDS,
    EXAMPLE_COLUMNS,
    curve,
    curves,
    summarise_cell,
    summarise_examples,
    worst_case,
    write_tables,
)
from detune.statistics.bootstrap import Bootstrap


def one_hot(labels: list[int]) -> np.ndarray:
    return 4 * np.eye(3, dtype=np.float32)[labels]


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    """Six segments of three songs: five were right, two still are, one has become right."""
    truth, clean, adversarial = [0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 0], [0, 1, 0, 0, 1, 2]
    return {
        "row": np.arange(6),
        "label": np.array(truth),
        "clean_prediction": np.array(clean),
        "adversarial_prediction": np.array(adversarial),
        "clean_logits": one_hot(clean),
        "adversarial_logits": one_hot(adversarial) * np.array([[2], [1], [1], [1], [1], [2]]),
        "linf": np.array([0.01, 0.02, 0.015, 0.02, 0.0, 0.01]),
        "l2": np.array([1.0, 2.0, 3.0, 4.0, 0.0, 2.0]),
        "zero_gradient_fraction": np.asarray(0.125),
        "song": np.array(["a", "b", "c"]),
        "song_label": np.array([0, 1, 2]),
        "song_clean_prediction": np.array([0, 1, 2]),
        "song_adversarial_prediction": np.array([0, 0, 2]),
        "example_rows": np.array([4, 0]),
        "example_logits": np.log([[0.1, 0.7, 0.2], [0.9, 0.05, 0.05]]),
        "example_linf": np.array([0.02, 0.01]),
        "example_l2": np.array([1.0, 3.0]),
    }


def test_a_cells_row_is_counted_by_hand(arrays: dict[str, np.ndarray]) -> None:
    tracks = ["a", "a", "b", "b", "c", "c"]
    ranges = np.array([80.0, 70.0, 60.0, 50.0, 40.0, 30.0])
    row = summarise_cell("pgd", 0.02, arrays, Bootstrap(tracks, 4), ranges)
    right = np.array([True, False, False, False, False, True])
    low, high = Bootstrap(tracks, 4).interval(right)
    assert set(row) >= set(CELL_COLUMNS)
    assert {column: row[column] for column in CELL_COLUMNS} == {
        "method": "pgd",
        "epsilon": 0.02,
        "epsilon_db_median": pytest.approx(0.02 * 55),
        "segments": 6,
        "songs": 3,
        "clean_accuracy": pytest.approx(5 / 6),
        "robust_accuracy": pytest.approx(2 / 6),
        "robust_accuracy_low": low,
        "robust_accuracy_high": high,
        "attack_success_rate": pytest.approx(4 / 5),
        "song_clean_accuracy": pytest.approx(3 / 3),
        "song_robust_accuracy": pytest.approx(2 / 3),
        "linf_max": 0.02,
        "l2_mean": 2.0,
        "zero_gradient_fraction": 0.125,
    }


def test_nothing_right_at_first_is_no_success_of_the_attack(
    arrays: dict[str, np.ndarray],
) -> None:
    arrays["clean_prediction"] = (arrays["label"] + 1) % 3
    row = summarise_cell("pgd", 0.02, arrays, Bootstrap(list("aabbcc"), 0), np.ones(6))
    assert row["clean_accuracy"] == 0
    assert row["attack_success_rate"] == 0


def test_curves_have_a_row_an_epsilon_and_a_column_a_method() -> None:
    found = {("pgd", 0.1): 0.1, ("fgsm", 0.1): 0.3, ("fgsm", 0.01): 0.7, ("pgd", 0.01): 0.6}
    cells = [
        {"method": method, "epsilon": epsilon, "robust_accuracy": share}
        for (method, epsilon), share in found.items()
    ]
    assert curves(cells, "robust_accuracy") == [
        {"epsilon": 0.01, "fgsm": 0.7, "pgd": 0.6},
        {"epsilon": 0.1, "fgsm": 0.3, "pgd": 0.1},
    ]


def test_a_sample_is_summarised_by_its_own_tracks_and_ranges(
    arrays: dict[str, np.ndarray],
) -> None:
    arrays["row"] = np.array([1, 2, 5, 6, 8, 9])
    tracks = [f"{n // 3}" for n in range(12)]
    row = summarise_cell("square", 0.02, arrays, Bootstrap(tracks, 0), np.arange(12.0))
    assert row["songs"] == 3
    assert row["epsilon_db_median"] == pytest.approx(0.02 * 5.5)


def test_every_accuracy_has_an_interval_around_it(arrays: dict[str, np.ndarray]) -> None:
    row = summarise_cell("pgd", 0.02, arrays, Bootstrap(list("aabbcc"), 0), np.ones(6))
    accuracies = ("clean_accuracy", "robust_accuracy", "song_clean_accuracy")
    for figure in (*accuracies, "song_robust_accuracy"):
        assert 0 <= row[f"{figure}_low"] <= row[figure] <= row[f"{figure}_high"] <= 1


def test_examples_are_summarised_by_hand(arrays: dict[str, np.ndarray]) -> None:
    (row,) = summarise_examples({("pgd", 0.02): arrays}, Bootstrap(list("aabbcc"), 0))
    assert set(row) == set(EXAMPLE_COLUMNS)
    assert (row["examples"], row["songs"]) == (2, 2)
    assert row["linf_mean"] == pytest.approx(0.015)
    assert row["rms_mean"] == pytest.approx(2 / np.sqrt(128 * 130))
    # Row 4, of genre 2, is taken for 1; row 0 for what it is.
    assert row["fooled"] == 0.5
    assert row["confidence"] == pytest.approx(0.8)
    assert row["confidence_low"] == pytest.approx(0.7)


def attacked(adversarial: list[int]) -> dict[str, np.ndarray]:
    return {
        "row": np.arange(4),
        "label": np.array([0, 1, 2, 2]),
        "adversarial_prediction": np.array(adversarial),
    }


def test_the_worst_case_is_the_union_with_its_interval() -> None:
    arrays = {("fgsm", 0.1): attacked([0, 0, 2, 2]), ("pgd", 0.1): attacked([0, 1, 0, 2])}
    (row,) = worst_case(arrays, Bootstrap(list("aabb"), 1))
    right = np.array([True, False, False, True])
    assert (row["low"], row["high"]) == Bootstrap(list("aabb"), 1).interval(right)
    assert (row["epsilon"], row["value"]) == (0.1, 0.5)


def test_the_tables_keep_samples_out_of_the_curves(
    arrays: dict[str, np.ndarray], tmp_path: Path
) -> None:
    part = ("row", "label", "clean_prediction", "adversarial_prediction")
    sample = arrays | {name: arrays[name][:2] for name in part}
    rows = [
        summarise_cell(*key, part, Bootstrap(list("aabbcc"), 0), np.ones(6))
        for key, part in {("pgd", 0.02): arrays, ("square", 0.02): sample}.items()
    ]
    worst = [{"epsilon": 0.02, "value": 0.25, "low": 0.0, "high": 0.5}]
    examples = summarise_examples({("pgd", 0.02): arrays}, Bootstrap(list("aabbcc"), 0))
    write_tables(rows, examples, worst, tmp_path)
    lines = (tmp_path / "robustness.csv").read_text().splitlines()
    assert lines == ["epsilon,pgd,worst", "0.02,0.333333,0.25"]
    assert len((tmp_path / "cells.csv").read_text().splitlines()) == 3
    pgd, union = curve(rows, worst)["curve"]
    assert set(pgd) == set(union) == set(CURVE_FIELDS)
    assert (pgd["method"], pgd["epsilon"]) == ("pgd", 0.02)
    assert pgd["song_robust_accuracy"] == rows[0]["song_robust_accuracy"]
    assert pgd["robust_accuracy_low"] == rows[0]["robust_accuracy_low"]
    assert [union[f"robust_accuracy{end}"] for end in ("", "_low", "_high")] == [0.25, 0.0, 0.5]
    assert union["song_robust_accuracy"] is None
