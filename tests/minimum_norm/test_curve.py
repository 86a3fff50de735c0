from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from detune.minimum_norm.curve import (
    CURVE_COLUMNS,
    MINIMUM_COLUMNS,
    minimum_rows,
    read_minimum,
    security_curve,
)
from detune.statistics.bootstrap import Bootstrap
from detune.support.files import write_csv

ROWS = np.array([0, 2, 3, 5])
EPSILONS = np.array([0.0, 0.01, np.inf, 0.04])
TRACKS = list("aabbcc")


def test_rows_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "minimum.csv"
    write_csv(path, MINIMUM_COLUMNS, minimum_rows(ROWS, EPSILONS, TRACKS, ["rock"] * 6))
    with path.open(newline="") as stream:
        rows, epsilons = read_minimum(list(csv.DictReader(stream)))
    assert rows.tolist() == ROWS.tolist()
    assert epsilons.tolist() == EPSILONS.tolist()
    none = read_minimum([])
    assert none[0].dtype == np.int64
    assert len(none[1]) == 0


def test_the_curve_is_the_share_that_needs_more() -> None:
    curve = security_curve(ROWS, EPSILONS, Bootstrap(TRACKS, 1))
    assert all(tuple(row) == CURVE_COLUMNS for row in curve)
    epsilons = [row["epsilon"] for row in curve]
    assert epsilons == sorted(epsilons)
    assert epsilons[0] < 0.01
    assert epsilons[-1] > 0.04
    values = {row["value"] for row in curve}
    assert values == {0.75, 0.5, 0.25}
    for row in curve:
        assert row["value"] == pytest.approx(np.mean(row["epsilon"] < EPSILONS))
        assert row["low"] <= row["value"] <= row["high"]
        assert (row["segments"], row["songs"]) == (4, 3)


def test_nothing_searched_is_no_curve() -> None:
    nobody = np.empty(0, np.int64)
    assert security_curve(nobody, np.empty(0), Bootstrap(TRACKS, 1)) == []
