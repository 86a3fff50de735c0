"""Behind the curves: the worst case over methods, genres, where segments are pushed, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detune.figures.breakdown import Fallen
from detune.scores import bootstrap_interval
from detune.support.files import write_csv

Cells = Mapping[tuple[str, float], Mapping[str, np.ndarray]]
"""The arrays of each cell's file, by method and epsilon."""

WORST = "worst"
"""Stands for the union of all methods in tables and curves."""

GENRE_COLUMNS = ("method", "epsilon", "genre", "segments", "robust_accuracy", "low", "high")
PUSHED_COLUMNS = ("method", "epsilon", "genre", "predicted", "segments")
SMALLEST_COLUMNS = ("row", "track", "genre")
"""Followed by a column a method, and the worst case."""


def whole(cells: Cells, count: int) -> Cells:
    """Those of the cells that attacked all `count` test segments."""
    return {key: arrays for key, arrays in cells.items() if len(arrays["row"]) == count}


def standing(cells: Cells, method: str) -> dict[float, np.ndarray]:
    """Which segments are right under `method`, `(n,)` bool by epsilon; `WORST` is all at once."""
    found: dict[float, np.ndarray] = {}
    for (name, epsilon), arrays in sorted(cells.items(), key=lambda item: item[0][1]):
        if method in (name, WORST):
            right = arrays["adversarial_prediction"] == arrays["label"]
            found[epsilon] = found[epsilon] & right if epsilon in found else right
    return found


def methods(cells: Cells) -> tuple[str, ...]:
    """The methods of the cells."""
    return tuple(dict.fromkeys(method for method, _ in cells))


def named(cells: Cells) -> tuple[str, ...]:
    """The methods of the cells, and the worst case over them."""
    return (*methods(cells), WORST)


def by_genre(
    cells: Cells, genres: Sequence[str], tracks: Sequence[str], *, seed: int
) -> Iterator[dict[str, Any]]:
    """Rows of `GENRE_COLUMNS`: robust accuracy by method, epsilon and true genre.

    Args:
        cells: the cells' files.
        genres: names in order of label.
        tracks: the track of each test segment.
        seed: of the bootstrap over songs.
    """
    complete = whole(cells, len(tracks))
    labels, names = next(iter(complete.values()))["label"], np.asarray(tracks)
    for method in named(complete):
        for epsilon, right in standing(complete, method).items():
            for label in np.unique(labels):
                chosen = labels == label
                low, high = bootstrap_interval(right[chosen], list(names[chosen]), seed=seed)
                yield {
                    "method": method,
                    "epsilon": epsilon,
                    "genre": genres[label],
                    "segments": int(chosen.sum()),
                    "robust_accuracy": float(right[chosen].mean()),
                    "low": low,
                    "high": high,
                }


def pushed(cells: Cells, genres: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rows of `PUSHED_COLUMNS`: what segments that were right are taken for under attack."""
    for (method, epsilon), arrays in cells.items():
        truth, found = arrays["label"], arrays["adversarial_prediction"]
        lost = (arrays["clean_prediction"] == truth) & (found != truth)
        pairs, counts = np.unique(
            np.stack([truth[lost], found[lost]], axis=1), axis=0, return_counts=True
        )
        for (label, other), count in zip(pairs, counts, strict=True):
            yield {
                "method": method,
                "epsilon": epsilon,
                "genre": genres[label],
                "predicted": genres[other],
                "segments": int(count),
            }


def smallest_epsilons(cells: Cells, method: str) -> np.ndarray:
    """The smallest epsilon tried that turns each segment wrong, `(n,)`.

    0 for a segment that was wrong from the start, infinity for one that none turns.
    """
    rights = standing(cells, method)
    clean = next(iter(cells.values()))
    smallest = np.full(len(clean["label"]), np.inf)
    for epsilon in sorted(rights, reverse=True):
        smallest[~rights[epsilon]] = epsilon
    smallest[clean["clean_prediction"] != clean["label"]] = 0.0
    return smallest


def smallest_table(
    cells: Cells, genres: Sequence[str], tracks: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Rows of `SMALLEST_COLUMNS`, with the smallest epsilon of each method; empty for none."""
    complete = whole(cells, len(tracks))
    columns = {name: smallest_epsilons(complete, name) for name in named(complete)}
    labels = next(iter(complete.values()))["label"]
    for row, track in enumerate(tracks):
        values = {name: float(column[row]) for name, column in columns.items()}
        yield {"row": row, "track": track, "genre": genres[labels[row]]} | {
            name: value if np.isfinite(value) else "" for name, value in values.items()
        }


def fallen(cells: Cells, genres: Sequence[str], tracks: Sequence[str]) -> Fallen:
    """What is drawn of the segments that fall.

    Where they are pushed is shown for PGD at the epsilon that turns half of the segments that
    were right, or at the largest.
    """
    complete = whole(cells, len(tracks))
    labels = next(iter(complete.values()))["label"]
    worst = standing(complete, WORST)
    smallest = {name: smallest_epsilons(complete, name) for name in methods(complete)}
    epsilon = median_smallest(smallest_epsilons(complete, "pgd")) or max(worst)
    counts = np.zeros((len(genres), len(genres)))
    for row in pushed({("pgd", epsilon): complete["pgd", epsilon]}, genres):
        counts[genres.index(row["genre"]), genres.index(row["predicted"])] = row["segments"]
    shares = [
        [
            right[labels == label].mean() if (labels == label).any() else np.nan
            for right in worst.values()
        ]
        for label in range(len(genres))
    ]
    return Fallen(
        genres=genres,
        epsilons=list(worst),
        smallest=smallest,
        standing=np.asarray(shares),
        pushed=counts,
        pushed_by=f"PGD at ε = {epsilon:g}",
    )


def median_smallest(smallest: np.ndarray) -> float | None:
    """Median of the smallest epsilons `(n,)` of segments that were right; None beyond the grid."""
    attacked = smallest[smallest > 0]
    if not attacked.size:
        return None
    median = float(np.quantile(attacked, 0.5, method="higher"))
    return median if np.isfinite(median) else None


def write_tables(
    cells: Cells, genres: Sequence[str], tracks: Sequence[str], folder: Path, *, seed: int
) -> None:
    """Write `robustness_by_genre.csv`, `pushed.csv` and `smallest_epsilon.csv` to `folder`."""
    by_genres = by_genre(cells, genres, tracks, seed=seed)
    write_csv(folder / "robustness_by_genre.csv", GENRE_COLUMNS, by_genres)
    write_csv(folder / "pushed.csv", PUSHED_COLUMNS, pushed(cells, genres))
    rows = list(smallest_table(cells, genres, tracks))
    write_csv(folder / "smallest_epsilon.csv", tuple(rows[0]), rows)
