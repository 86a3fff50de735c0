from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detune.support.errors import UserError
from detune.transfer.matrix import COLUMNS, transfer_matrix
from tests.transfer.networks import LABELS, segments, source

ONE_ROW = source("one", 1, segments(row_1=1 - LABELS, row_2=LABELS))
BOTH_ROWS = source("two", 2, segments(row_1=1 - LABELS, row_2=1 - LABELS), learned=("song.0",))


def test_an_attack_travels_as_far_as_it_changes_what_the_other_hears() -> None:
    rows = transfer_matrix([ONE_ROW, BOTH_ROWS], 0.1, seed=0)
    assert all(set(row) == set(COLUMNS) for row in rows)
    turned = {(row["attacked"], row["asked"]): row["turned"] for row in rows}
    assert turned == {
        ("one", "one"): 1.0,
        ("one", "two"): 0.0,
        ("two", "one"): 1.0,
        ("two", "two"): 1.0,
    }
    assert [row["survives"] for row in rows] == [1.0, 0.0, 1.0, 1.0]
    assert [row["learned"] for row in rows] == [0, 1, 0, 1]
    assert {(row["segments"], row["songs"]) for row in rows} == {(8, 4)}
    assert {row["noise"] for row in rows} == {0.0}, "random signs leave the mean of a row"


def test_segments_that_one_network_has_wrong_when_clean_are_left_out() -> None:
    mistaken = replace(ONE_ROW, clean=segments(row_1=LABELS, row_2=np.zeros(8)))
    rows = transfer_matrix([mistaken, BOTH_ROWS], 0.1, seed=0)
    between = rows[1]
    assert (between["attacked"], between["asked"], between["segments"]) == ("one", "two", 4)


def test_an_attack_without_effect_has_no_share_that_survives() -> None:
    idle = replace(ONE_ROW, attacked=ONE_ROW.clean)
    rows = transfer_matrix([idle, BOTH_ROWS], 0.1, seed=0)
    assert [row["survives"] for row in rows[:2]] == [None, None]


def test_other_genres_and_nothing_in_common_are_named() -> None:
    other = replace(BOTH_ROWS, genres=["blues", "jazz"])
    with pytest.raises(UserError, match=r"two: genres blues, jazz, but one knows blues, metal"):
        transfer_matrix([ONE_ROW, other], 0.1, seed=0)
    wrong = replace(ONE_ROW, clean=segments(row_1=1 - LABELS, row_2=LABELS))
    with pytest.raises(UserError, match="right for both"):
        transfer_matrix([wrong, BOTH_ROWS], 0.1, seed=0)
