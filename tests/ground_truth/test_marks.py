from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detune.ground_truth.marks import (
    CHANCE,
    MARK_COLUMNS,
    Marks,
    describe_differences,
    headline,
    mark_rows,
    trials,
)

SONGS = [f"song {number}" for number in range(8)]
NAMES = ("good", "base")
GOOD, POOR = np.linspace(0.7, 0.9, 8), np.linspace(0.1, 0.3, 8)
MARKS = [
    Marks("test", "good", {"hits": GOOD}, {CHANCE: {"hits": np.full(8, 0.2)}}),
    Marks("test", "base", {"hits": POOR}, {CHANCE: {"hits": np.full(8, 0.2)}}),
]


def test_rows_have_values_by_group_and_differences_over_all() -> None:
    rows = list(mark_rows(MARKS, trials(SONGS, ["a", "b"] * 4, seed=1), ["base"]))
    assert all(set(row) == set(MARK_COLUMNS) for row in rows)
    found = {(row["method"], row["group"], row["versus"]): row["value"] for row in rows}
    assert found["good", "all", ""] == pytest.approx(0.8)
    assert found["good", "a", ""] == pytest.approx(GOOD[::2].mean())
    assert found["good", "all", "base"] == pytest.approx(0.6)
    assert found["base", "all", CHANCE] == pytest.approx(0.0)
    assert ("base", "all", "base") not in found


def test_words_rest_on_intervals_and_on_songs_enough() -> None:
    rows = list(mark_rows(MARKS, trials(SONGS, ["a"] * 8, seed=1), ["base"]))
    assert describe_differences(rows, "hits", "base", NAMES) == "against base better: good"
    against_chance = describe_differences(rows, "hits", CHANCE, NAMES)
    assert against_chance == "against chance better: good; not shown to differ: base"
    assert describe_differences(rows, "hits", CHANCE, ["good"]) == "against chance better: good"
    few = [Marks("test", item.method, {"hits": item.values["hits"][:4]}) for item in MARKS]
    rows = list(mark_rows(few, trials(SONGS[:4], ["a"] * 4, seed=1), ["base"]))
    assert (
        describe_differences(rows, "hits", "base", NAMES)
        == "4 songs are too few to compare with base"
    )


def test_the_headline_is_of_grad_cam_and_names_what_its_value_is_beyond() -> None:
    marks = [replace(item, method={"good": "grad-cam"}.get(item.method, "base")) for item in MARKS]
    rows = list(mark_rows(marks, trials(SONGS, ["a"] * 8, seed=1), ["base"]))
    figures = headline(rows, "hits", "base")
    assert set(figures) == {"hits", "beyond_base"}
    assert figures["beyond_base"]["value"] == pytest.approx(0.6)
