from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.collection.dataset import IndexRow, Split
from detune.robustness.predictions import write_predictions

GENRES = ["blues", "jazz"]
TRACKS, LABELS = ["b.1", "b.1", "j.1"], [0, 0, 1]


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, list[dict[str, str]]]:
    index = [
        IndexRow("test", row, track, GENRES[label], label, row, 1.5 * row, -80.0, 0.0)
        for row, (track, label) in enumerate(zip(TRACKS, LABELS, strict=True))
    ]
    clean = np.array([[2.0, 0.0], [0.0, 1.0], [0.0, 3.0]], np.float32)
    songs = {
        "song": np.array(["b.1", "j.1"]),
        "song_label": np.array([0, 1]),
        "song_clean_prediction": np.array([0, 1]),
    }

    def cell(rows: list[int], attacked: list[int], song: list[int]) -> dict[str, np.ndarray]:
        kept = {name: values[: len(song)] for name, values in songs.items()}
        return kept | {
            "row": np.array(rows),
            "label": np.array(LABELS)[rows],
            "clean_logits": clean[rows],
            "clean_prediction": clean[rows].argmax(axis=1),
            "adversarial_prediction": np.array(attacked),
            "song_adversarial_prediction": np.array(song),
        }

    cells: dict[Any, Any] = {
        ("pgd", 0.01): cell([0, 1, 2], [0, 1, 0], [0, 0]),
        ("pgd", 0.1): cell([0, 1, 2], [1, 1, 0], [1, 0]),
        ("square", 0.1): cell([1], [1], [1]),
    }
    test = Split(np.zeros((3, 128, 130), np.float32), index, GENRES)
    write_predictions(cells, test, (np.array([2]), np.array([0.004])), tmp_path)
    result = {}
    for name in ("predictions", "outcomes"):
        with (tmp_path / f"{name}.csv").open() as stream:
            result[name] = list(csv.DictReader(stream))
    return result


def test_a_prediction_says_where_the_segment_is_and_how_little_fools_it(
    tables: dict[str, list[dict[str, str]]],
) -> None:
    rows = tables["predictions"]
    assert [row["predicted"] for row in rows] == ["blues", "jazz", "jazz"]
    assert [row["smallest_pgd"] for row in rows] == ["0.1", "0.0", "0.01"]
    assert [row["smallest_worst"] for row in rows] == ["0.1", "0.0", "0.01"]
    assert [row["smallest_exact"] for row in rows] == ["", "", "0.004"]
    assert [(row["track"], row["start_seconds"]) for row in rows][1] == ("b.1", "1.5")
    assert float(rows[0]["p_blues"]) == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-5)
    assert "smallest_square" not in rows[0]


def test_outcomes_list_segments_and_songs_and_leave_a_sample_s_others_empty(
    tables: dict[str, list[dict[str, str]]],
) -> None:
    rows = tables["outcomes"]
    assert [(row["unit"], row["track"], row["segment"]) for row in rows] == [
        ("segment", "b.1", "0"),
        ("segment", "b.1", "1"),
        ("segment", "j.1", "2"),
        ("song", "b.1", ""),
        ("song", "j.1", ""),
    ]
    assert [row["clean"] for row in rows] == ["blues", "jazz", "jazz", "blues", "jazz"]
    assert [row["pgd-0.1"] for row in rows] == ["jazz", "jazz", "blues", "jazz", "blues"]
    assert [row["square-0.1"] for row in rows] == ["", "jazz", "", "jazz", ""]
