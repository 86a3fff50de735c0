"""The security curve: robust accuracy at any epsilon, from the smallest epsilon of each segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from detune.statistics.bootstrap import Bootstrap

MINIMUM_COLUMNS = ("row", "track", "genre", "epsilon")
CURVE_COLUMNS = ("epsilon", "segments", "songs", "value", "low", "high")

POINTS = 60
"""Epsilons at which the curve is reported."""


def minimum_rows(
    rows: np.ndarray, epsilons: np.ndarray, tracks: Sequence[str], genres: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows of `MINIMUM_COLUMNS`, one a segment; an epsilon that does not exist is empty.

    Args:
        rows: `(n,)` which test segments they are.
        epsilons: `(n,)` the smallest that turns each, infinity where none does.
        tracks: the track of each test segment.
        genres: its genre.
    """
    return [
        {
            "row": int(row),
            "track": tracks[row],
            "genre": genres[row],
            "epsilon": float(epsilon) if np.isfinite(epsilon) else "",
        }
        for row, epsilon in zip(rows, epsilons, strict=True)
    ]


def read_minimum(rows: Sequence[Mapping[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Test rows `(n,)` and their smallest epsilons `(n,)`, from rows of `MINIMUM_COLUMNS`."""
    places = np.asarray([int(row["row"]) for row in rows], dtype=np.int64)
    values = [float(row["epsilon"]) if row["epsilon"] else np.inf for row in rows]
    return places, np.asarray(values, dtype=np.float64)


def security_curve(
    rows: np.ndarray, epsilons: np.ndarray, bootstrap: Bootstrap
) -> list[dict[str, Any]]:
    """Rows of `CURVE_COLUMNS`: robust accuracy with its interval, at epsilons evenly spread.

    Args:
        rows: `(n,)` which test segments they are.
        epsilons: `(n,)` the smallest that turns each.
        bootstrap: over the songs of the test segments.
    """
    known = epsilons[(epsilons > 0) & np.isfinite(epsilons)]
    if not known.size:
        return []
    sample = bootstrap.at(rows)
    curve = []
    for epsilon in np.geomspace(known.min() / 1.1, known.max() * 1.1, POINTS):
        right = epsilons > epsilon
        low, high = sample.interval(right)
        curve.append(
            {
                "epsilon": float(epsilon),
                "segments": len(rows),
                "songs": len(set(sample.songs)),
                "value": float(right.mean()),
                "low": low,
                "high": high,
            }
        )
    return curve
