"""Behind the curves: the worst case over methods, genres, confusions, the smallest epsilon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detune.statistics.bootstrap import Bootstrap
from detune.statistics.scores import median_smallest
from detune.support.files import write_csv

Cells = Mapping[tuple[str, float], Mapping[str, np.ndarray]]
"""The arrays of each cell's file, by method and epsilon."""

SEGMENTS, SONGS = "", "song_"
"""What the arrays of a cell's file that tell of segments, or of songs, begin with."""

WORST = "worst"
"""Stands for the union of all methods in tables and curves."""

GENRE_COLUMNS = ("method", "epsilon", "genre", "segments", "robust_accuracy", "low", "high")
CONFUSION_COLUMNS = ("method", "epsilon", "genre", "predicted", "segments")


@dataclass(frozen=True)
class Breakdown:
    """What `draw_breakdown` shows of n test segments, g genres and e epsilons.

    Attributes:
        genres: names in order of label.
        epsilons: in rising order.
        smallest: by method, the smallest epsilon that fools each segment `(n,)`: 0 where it was
            wrong when clean, infinity where none does.
        robust: `(g, e)` robust accuracy in the worst case by genre; NaN for a genre without
            test segments.
        confusions: `(g, g)` segments that were right, by their genre and what they are taken for.
        confusions_by: which attack that was, in words.
    """

    genres: Sequence[str]
    epsilons: Sequence[float]
    smallest: Mapping[str, np.ndarray]
    robust: np.ndarray
    confusions: np.ndarray
    confusions_by: str


def complete_cells(cells: Cells, count: int) -> Cells:
    """Those of the cells that attacked all `count` test segments."""
    return {key: arrays for key, arrays in cells.items() if len(arrays["row"]) == count}


def robust_masks(cells: Cells, method: str, unit: str = SEGMENTS) -> dict[float, np.ndarray]:
    """Which segments, or songs, remain correct under `method`, `(n,)` bool by epsilon.

    Args:
        cells: the cells' files.
        method: one of theirs, or `WORST` for all at once.
        unit: `SEGMENTS` or `SONGS`.
    """
    masks: dict[float, np.ndarray] = {}
    for (name, epsilon), arrays in sorted(cells.items(), key=lambda item: item[0][1]):
        if method in (name, WORST):
            right = arrays[f"{unit}adversarial_prediction"] == arrays[f"{unit}label"]
            masks[epsilon] = masks[epsilon] & right if epsilon in masks else right
    return masks


def methods(cells: Cells) -> tuple[str, ...]:
    """The methods of the cells."""
    return tuple(dict.fromkeys(method for method, _ in cells))


def named(cells: Cells) -> tuple[str, ...]:
    """The methods of the cells, and the worst case over them."""
    return (*methods(cells), WORST)


def by_genre(cells: Cells, genres: Sequence[str], bootstrap: Bootstrap) -> Iterator[dict[str, Any]]:
    """Rows of `GENRE_COLUMNS`: robust accuracy by method, epsilon and true genre.

    Args:
        cells: the cells' files.
        genres: names in order of label.
        bootstrap: over the songs of the test segments.
    """
    complete = complete_cells(cells, len(bootstrap.songs))
    labels = next(iter(complete.values()))["label"]
    for method in named(complete):
        for epsilon, right in robust_masks(complete, method).items():
            for label in np.unique(labels):
                chosen = np.flatnonzero(labels == label)
                low, high = bootstrap.at(chosen).interval(right[chosen])
                yield {
                    "method": method,
                    "epsilon": epsilon,
                    "genre": genres[label],
                    "segments": len(chosen),
                    "robust_accuracy": float(right[chosen].mean()),
                    "low": low,
                    "high": high,
                }


def confusions(cells: Cells, genres: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rows of `CONFUSION_COLUMNS`: what segments that were right are taken for under attack."""
    for (method, epsilon), arrays in cells.items():
        truth, answer = arrays["label"], arrays["adversarial_prediction"]
        lost = (arrays["clean_prediction"] == truth) & (answer != truth)
        pairs, counts = np.unique(
            np.stack([truth[lost], answer[lost]], axis=1), axis=0, return_counts=True
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
    rights = robust_masks(cells, method)
    clean = next(iter(cells.values()))
    smallest = np.full(len(clean["label"]), np.inf)
    for epsilon in sorted(rights, reverse=True):
        smallest[~rights[epsilon]] = epsilon
    smallest[clean["clean_prediction"] != clean["label"]] = 0.0
    return smallest


def smallest_of_any(cells: Cells, count: int) -> np.ndarray:
    """The smallest epsilon tried at which any method turns each of `count` segments."""
    return smallest_epsilons(complete_cells(cells, count), WORST)


def break_down(cells: Cells, genres: Sequence[str], tracks: Sequence[str]) -> Breakdown:
    """What is drawn of the segments that are turned.

    Confusions are those of PGD at the epsilon that turns half of the segments that
    were right, or at the largest.
    """
    complete = complete_cells(cells, len(tracks))
    labels = next(iter(complete.values()))["label"]
    worst = robust_masks(complete, WORST)
    smallest = {name: smallest_epsilons(complete, name) for name in methods(complete)}
    epsilon = median_smallest(smallest_epsilons(complete, "pgd")) or max(worst)
    counts = np.zeros((len(genres), len(genres)))
    for row in confusions({("pgd", epsilon): complete["pgd", epsilon]}, genres):
        counts[genres.index(row["genre"]), genres.index(row["predicted"])] = row["segments"]
    shares = [
        [
            right[labels == label].mean() if (labels == label).any() else np.nan
            for right in worst.values()
        ]
        for label in range(len(genres))
    ]
    return Breakdown(
        genres=genres,
        epsilons=list(worst),
        smallest=smallest,
        robust=np.asarray(shares),
        confusions=counts,
        confusions_by=f"PGD at ε = {epsilon:g}",
    )


def write_tables(
    cells: Cells,
    genres: Sequence[str],
    bootstrap: Bootstrap,
    folder: Path,
) -> None:
    """Write `robustness_by_genre.csv` and `confusions.csv` to `folder`."""
    by_genres = by_genre(cells, genres, bootstrap)
    write_csv(folder / "robustness_by_genre.csv", GENRE_COLUMNS, by_genres)
    write_csv(folder / "confusions.csv", CONFUSION_COLUMNS, confusions(cells, genres))
