"""What the model says of each test segment and song, clean and under every attack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from detune.attack.grid import cell_name
from detune.collection.dataset import Split
from detune.robustness.breakdown import (
    SEGMENTS,
    SONGS,
    Cells,
    complete_cells,
    named,
    smallest_epsilons,
)
from detune.statistics.scores import softmax
from detune.support.files import write_csv

EXACT = "exact"
"""Names the smallest epsilons that do not come from the grid."""

OUTCOME_COLUMNS = ("unit", "track", "segment", "genre", "clean")
"""The columns before those of the cells, `<method>-<epsilon>`, in `outcomes.csv`."""


def prediction_rows(
    cells: Cells, test: Split, exact: tuple[np.ndarray, np.ndarray]
) -> Iterator[dict[str, Any]]:
    """A row for each test segment: where it is, what it is taken for, how little fools it.

    Args:
        cells: the cells' files.
        test: the test segments.
        exact: test rows, and the smallest epsilon of each whatever the grid; empty without them.
    """
    complete = complete_cells(cells, len(test.labels))
    smallest = {name: smallest_epsilons(complete, name) for name in named(complete)}
    smallest[EXACT] = np.full(len(test.labels), np.inf)
    smallest[EXACT][exact[0]] = exact[1]
    logits = next(iter(complete.values()))["clean_logits"].astype(np.float64)
    for place, (segment, shares) in enumerate(zip(test.index, softmax(logits), strict=True)):
        epsilons = {f"smallest_{name}": values[place] for name, values in smallest.items()}
        yield {
            "row": segment.row,
            "track": segment.track,
            "segment": segment.segment,
            "start_seconds": segment.start_seconds,
            "genre": segment.genre,
            "predicted": test.genres[shares.argmax()],
            **{f"p_{genre}": share for genre, share in zip(test.genres, shares, strict=True)},
            **{name: value if np.isfinite(value) else "" for name, value in epsilons.items()},
        }


def outcome_rows(cells: Cells, test: Split) -> Iterator[dict[str, Any]]:
    """A row for each test segment, then for each test song: its genre in every cell.

    A cell that attacked a sample has no value for the others.
    """
    where = {segment.row: (segment.track, segment.segment) for segment in test.index}
    rows: dict[tuple[str, str, Any], dict[str, Any]] = {}
    for unit, prefix in (("segment", SEGMENTS), ("song", SONGS)):
        for (method, epsilon), arrays in cells.items():
            clean, attacked = (
                arrays[f"{prefix}{when}_prediction"] for when in ("clean", "adversarial")
            )
            for place, label in enumerate(arrays[f"{prefix}label"]):
                track, segment = (
                    where[int(arrays["row"][place])]
                    if unit == "segment"
                    else (str(arrays["song"][place]), "")
                )
                first = (unit, track, segment, test.genres[label], test.genres[clean[place]])
                row = rows.setdefault(
                    (unit, track, segment), dict(zip(OUTCOME_COLUMNS, first, strict=True))
                )
                row[cell_name(method, epsilon)] = test.genres[attacked[place]]
    yield from rows.values()


def write_predictions(
    cells: Cells, test: Split, exact: tuple[np.ndarray, np.ndarray], folder: Path
) -> None:
    """Write `predictions.csv` and `outcomes.csv` to `folder`."""
    predictions = list(prediction_rows(cells, test, exact))
    write_csv(folder / "predictions.csv", tuple(predictions[0]), predictions)
    columns = (*OUTCOME_COLUMNS, *(cell_name(*cell) for cell in cells))
    write_csv(folder / "outcomes.csv", columns, outcome_rows(cells, test))
