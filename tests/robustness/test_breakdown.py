from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.robustness.breakdown import (
    CONFUSION_COLUMNS,
    GENRE_COLUMNS,
    WORST,
    break_down,
    by_genre,
    complete_cells,
    confusions,
    robust_masks,
    smallest_epsilons,
    write_tables,
)
from detune.statistics.bootstrap import Bootstrap
from detune.statistics.scores import median_smallest

GENRES = ["blues", "jazz", "rock"]
LABELS, CLEAN = [0, 0, 1, 2, 2], [0, 0, 1, 2, 1]
TRACKS = ["a", "a", "b", "c", "c"]


def cell(adversarial: list[int], rows: list[int] | None = None) -> dict[str, np.ndarray]:
    kept = rows or list(range(5))
    return {
        "row": np.array(kept),
        "label": np.array(LABELS)[kept],
        "clean_prediction": np.array(CLEAN)[kept],
        "adversarial_prediction": np.array(adversarial),
    }


CELLS: dict[Any, Any] = {
    ("fgsm", 0.1): cell([0, 1, 0, 2, 1]),
    ("fgsm", 0.01): cell([0, 0, 1, 2, 1]),
    ("pgd", 0.1): cell([1, 1, 0, 2, 1]),
    ("pgd", 0.01): cell([0, 1, 1, 2, 1]),
}


def test_the_worst_case_is_what_remains_correct_under_every_method() -> None:
    found = robust_masks(CELLS, WORST)
    assert list(found) == [0.01, 0.1]
    assert found[0.01].tolist() == [True, False, True, True, False]
    assert found[0.1].tolist() == [False, False, False, True, False]
    assert robust_masks(CELLS, "fgsm")[0.1].tolist() == [True, False, False, True, False]
    assert robust_masks(CELLS, "noise") == {}


def test_samples_are_kept_out_of_the_worst_case() -> None:
    cells = CELLS | {("square", 0.1): cell([1, 1], [0, 3])}
    assert complete_cells(cells, 5) == CELLS


def test_the_smallest_epsilon_is_0_for_wrong_ones_and_infinite_for_those_that_stand() -> None:
    assert smallest_epsilons(CELLS, "fgsm").tolist() == [np.inf, 0.1, 0.1, np.inf, 0]
    assert smallest_epsilons(CELLS, "pgd").tolist() == [0.1, 0.01, 0.1, np.inf, 0]
    assert smallest_epsilons(CELLS, WORST).tolist() == [0.1, 0.01, 0.1, np.inf, 0]


def test_a_segment_that_drifts_back_still_has_its_smallest_epsilon() -> None:
    cells: dict[Any, Any] = {("fgsm", 0.1): cell(LABELS), ("fgsm", 0.01): cell([1, 0, 1, 2, 2])}
    assert smallest_epsilons(cells, "fgsm")[0] == 0.01


def test_genres_are_counted_by_hand() -> None:
    cells = {key: arrays for key, arrays in CELLS.items() if key[1] == 0.1}
    rows = list(by_genre(cells, [*GENRES, "ska"], Bootstrap(TRACKS, 0)))
    assert [tuple(row) for row in rows] == [GENRE_COLUMNS] * 9
    found = {
        method: [
            (row["genre"], row["segments"], row["robust_accuracy"])
            for row in rows
            if row["method"] == method
        ]
        for method in ("fgsm", "pgd", WORST)
    }
    assert found["fgsm"] == [("blues", 2, 0.5), ("jazz", 1, 0.0), ("rock", 2, 0.5)]
    assert found["pgd"] == [("blues", 2, 0.0), ("jazz", 1, 0.0), ("rock", 2, 0.5)]
    assert found[WORST] == found["pgd"]
    assert all(row["low"] <= row["robust_accuracy"] <= row["high"] for row in rows)


def test_what_was_right_and_no_longer_is_was_pushed_somewhere() -> None:
    rows = list(confusions({("pgd", 0.1): CELLS["pgd", 0.1]}, GENRES))
    assert [tuple(row) for row in rows] == [CONFUSION_COLUMNS] * 2
    assert [(row["genre"], row["predicted"], row["segments"]) for row in rows] == [
        ("blues", "jazz", 2),
        ("jazz", "blues", 1),
    ]
    # The last segment was wrong before: nobody pushed it.
    assert list(confusions({("pgd", 0.1): cell(CLEAN)}, GENRES)) == []


def test_the_tables_are_written(tmp_path: Path) -> None:
    write_tables(CELLS, GENRES, Bootstrap(TRACKS, 0), tmp_path)
    genres = (tmp_path / "robustness_by_genre.csv").read_text().splitlines()
    assert genres[0] == ",".join(GENRE_COLUMNS)
    assert len(genres) == 1 + 3 * 2 * 3
    assert (tmp_path / "confusions.csv").read_text().startswith(",".join(CONFUSION_COLUMNS))


@pytest.mark.parametrize("method", ["fgsm", WORST])
def test_more_epsilons_never_raise_the_smallest(method: str) -> None:
    fewer = {key: arrays for key, arrays in CELLS.items() if key[1] == 0.1}
    assert (smallest_epsilons(CELLS, method) <= smallest_epsilons(fewer, method)).all()


@pytest.mark.parametrize(
    ("smallest", "median"),
    [
        ([0.0, 0.01, 0.02, 0.05], 0.02),
        ([0.0, 0.01, np.inf], None),
        ([0.01, 0.02, np.inf], 0.02),
        ([0.0, 0.0], None),
        ([], None),
    ],
)
def test_the_median_leaves_out_what_was_wrong_and_knows_no_more_than_the_grid(
    smallest: list[float], median: float | None
) -> None:
    assert median_smallest(np.array(smallest)) == median


def test_what_is_drawn_counts_right_segments_by_genre_and_target() -> None:
    shown = break_down(CELLS, [*GENRES, "soul"], TRACKS)
    assert shown.epsilons == [0.01, 0.1]
    assert list(shown.smallest) == ["fgsm", "pgd"]
    assert shown.robust[:3].tolist() == [[0.5, 0.0], [1.0, 0.0], [0.5, 0.5]]
    assert np.isnan(shown.robust[3]).all()
    # PGD turns half of the four segments that were right by 0.1: both of blues, that of jazz.
    assert shown.confusions_by == "PGD at ε = 0.1"
    assert shown.confusions[:3, :3].tolist() == [[0, 2, 0], [1, 0, 0], [0, 0, 0]]


def test_without_a_median_within_the_grid_its_largest_epsilon_is_drawn() -> None:
    harmless: dict[Any, Any] = {
        (method, epsilon): cell(CLEAN) for method in ("fgsm", "pgd") for epsilon in (0.01, 0.1)
    }
    shown = break_down(harmless, GENRES, TRACKS)
    assert shown.confusions_by == "PGD at ε = 0.1"
    assert not shown.confusions.any()
