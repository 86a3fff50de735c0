from __future__ import annotations

import pytest

from detune.support.errors import UserError
from detune.universal.study import ALL, BEYOND, COLUMNS, Study
from tests.universal.networks import listener, split

LABELS = [0] * 8 + [1] * 8


@pytest.fixture(scope="module")
def study() -> Study:
    train, test = split("train", LABELS, 0), split("test", LABELS, 1)
    return Study(listener(), train, test, segments=5, seed=0)


def test_what_is_made_on_training_segments_turns_test_segments(study: Study) -> None:
    rows = study.rows(0.05, steps=20)
    assert [row["genre"] for row in rows] == [ALL, "blues", "metal"]
    assert all(set(row) == set(COLUMNS) for row in rows)
    together = rows[0]
    assert (together["segments"], together["songs"], together["training_segments"]) == (16, 8, 10)
    assert (together["training_turned"], together["own"]) == (1.0, 1.0)
    assert (together["own_low"], together["own_high"]) == (1.0, 1.0)


def test_controls_turn_nothing_where_only_the_direction_counts(study: Study) -> None:
    for row in study.rows(0.05, steps=20):
        assert [row[kind] for kind in ("random_signs", "permuted", "other_genres")] == [0, 0, 0]
        assert row[BEYOND] == 1.0


def test_too_small_a_change_turns_nothing(study: Study) -> None:
    together = study.rows(0.005, steps=5)[0]
    assert (together["training_turned"], together["own"], together[BEYOND]) == (0, 0, 0)


def test_genres_without_a_right_segment_are_left_out() -> None:
    test = split("test", LABELS, 1)
    test.values[8:] = 0.42  # nothing is louder: taken for the first genre
    rows = Study(listener(), split("train", LABELS, 0), test, segments=5, seed=0).rows(0.05, 20)
    assert [row["genre"] for row in rows] == [ALL, "blues"]
    assert rows[1]["other_genres"] == 0


def test_a_network_that_has_nothing_right_is_named() -> None:
    wrong = split("train", LABELS, 0, lead=-0.06)
    with pytest.raises(UserError, match="no segment is right"):
        Study(listener(), wrong, split("test", LABELS, 1), segments=5, seed=0)
