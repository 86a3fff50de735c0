from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.corruptions.table import COLUMNS, headline, message, outcomes, tabulate

SONGS = [f"song.{number // 2}" for number in range(16)]
LABELS = np.arange(16) // 2 % 2


def logits(right: np.ndarray) -> np.ndarray:
    """Logits of two genres, right where asked for."""
    answers = np.where(right, LABELS, 1 - LABELS)
    return np.eye(2)[answers] * 4.0


def cell(unit: str, **right: Any) -> dict[str, np.ndarray]:
    """A cell with a share of the segments right at each severity, the first ones."""
    shares = {name: np.arange(16) < round(16 * share) for name, share in right.items()}
    return {
        "row": np.arange(16) * 2,
        "label": LABELS,
        "song": np.asarray(SONGS),
        "severity": np.asarray(list(shares)),
        "unit": np.asarray(unit),
        "clean_logits": logits(np.arange(16) < 14),
        "logits": np.stack([logits(one) for one in shares.values()]),
    }


CELLS = {"gain": cell("dB", low=1.0, high=0.75), "pitch": cell("semitones", one=0.25)}
ROWS = tabulate(CELLS, 0)


def test_each_kind_and_severity_has_a_row() -> None:
    assert all(set(row) == set(COLUMNS) for row in ROWS)
    assert [(row["kind"], row["severity"], row["unit"]) for row in ROWS] == [
        ("gain", "low", "dB"),
        ("gain", "high", "dB"),
        ("pitch", "one", "semitones"),
    ]
    assert [row["segment_accuracy"] for row in ROWS] == [1.0, 0.75, 0.25]
    assert [row["song_accuracy"] for row in ROWS] == [1.0, 0.75, 0.25]
    assert [row["segment_accuracy_change"] for row in ROWS] == [0.125, -0.125, -0.625]
    assert (ROWS[0]["segments"], ROWS[0]["songs"]) == (16, 8)
    for row in ROWS:
        assert (
            row["segment_accuracy_low"] <= row["segment_accuracy"] <= row["segment_accuracy_high"]
        )


def test_the_mean_error_is_over_severities_and_then_over_kinds() -> None:
    figures = headline(CELLS, ROWS, 0)
    assert figures["error"] == pytest.approx({"gain": 0.125, "pitch": 0.75})
    assert figures["mean_corruption_error"] == pytest.approx((0.125 + 0.75) / 2)
    assert figures["clean_error"] == pytest.approx(0.125)
    assert figures["relative_corruption_error"] == pytest.approx((0.125 + 0.75) / 2 - 0.125)
    assert figures["relative_corruption_error_low"] < figures["relative_corruption_error"]
    assert [(one["kind"], one["place"]) for one in figures["curve"]] == [
        ("gain", 1),
        ("gain", 2),
        ("pitch", 1),
    ]


def test_each_segment_has_the_share_of_severities_at_which_it_is_right() -> None:
    rows = outcomes(CELLS)
    assert list(rows[0]) == ["track", "row", "clean", "gain", "pitch", "mean"]
    assert [(row["track"], row["row"]) for row in rows[:3]] == [
        ("song.0", 0),
        ("song.0", 2),
        ("song.1", 4),
    ]
    assert [tuple(rows[place].values())[2:] for place in (0, 11, 13, 15)] == [
        (1, 1.0, 1.0, 1.0),
        (1, 1.0, 0.0, 0.5),
        (1, 0.5, 0.0, 0.25),
        (0, 0.5, 0.0, 0.25),
    ]
    mean = np.mean([row["mean"] for row in rows])
    assert 1 - mean == pytest.approx(headline(CELLS, ROWS, 0)["mean_corruption_error"])


def test_the_closing_line_names_the_kind_that_costs_most() -> None:
    line = message(headline(CELLS, ROWS, 0))
    assert line == (
        "43.8% of 16 segments wrong on average over the kinds, 12.5% when clean; most with pitch "
        "(75.0%)"
    )
