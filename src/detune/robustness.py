"""From the grid's cells to curves: accuracy under attack by method and epsilon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detune.scores import accuracy, attack_success_rate, bootstrap_interval, song_accuracy

CELL_COLUMNS = (
    "method",
    "epsilon",
    "epsilon_db_median",
    "segments",
    "songs",
    "clean_accuracy",
    "robust_accuracy",
    "robust_accuracy_low",
    "robust_accuracy_high",
    "attack_success_rate",
    "song_clean_accuracy",
    "song_robust_accuracy",
    "linf_max",
    "l2_mean",
    "zero_gradient_fraction",
)

Row = dict[str, Any]


def summarise_cell(
    method: str,
    epsilon: float,
    arrays: Mapping[str, np.ndarray],
    tracks: Sequence[str],
    *,
    db_ranges: np.ndarray,
    seed: int,
) -> Row:
    """One row of `cells.csv`.

    Args:
        method: the attack.
        epsilon: its radius.
        arrays: the arrays of the cell's file, n test segments.
        tracks: the track of each segment.
        db_ranges: `(n,)` the dB that [0, 1] spans in each segment.
        seed: of the bootstrap over songs.
    """
    labels = arrays["label"]
    was, found = arrays["clean_prediction"], arrays["adversarial_prediction"]
    low, high = bootstrap_interval(found == labels, tracks, seed=seed)
    return {
        "method": method,
        "epsilon": epsilon,
        "epsilon_db_median": float(np.median(epsilon * db_ranges)),
        "segments": len(labels),
        "songs": len(set(tracks)),
        "clean_accuracy": accuracy(was, labels),
        "robust_accuracy": accuracy(found, labels),
        "robust_accuracy_low": low,
        "robust_accuracy_high": high,
        "attack_success_rate": attack_success_rate(was, found, labels),
        "song_clean_accuracy": song_accuracy(arrays["clean_logits"], labels, tracks),
        "song_robust_accuracy": song_accuracy(arrays["adversarial_logits"], labels, tracks),
        "linf_max": float(arrays["linf"].max()),
        "l2_mean": float(arrays["l2"].mean()),
        "zero_gradient_fraction": float(arrays["zero_gradient_fraction"]),
    }


def curves(cells: Sequence[Row], figure: str) -> list[Row]:
    """Wide rows `epsilon, <method>, …` of one `figure` of the cells, in order of epsilon."""
    by_epsilon: dict[float, Row] = defaultdict(dict)
    for cell in cells:
        by_epsilon[cell["epsilon"]][cell["method"]] = cell[figure]
    return [{"epsilon": epsilon} | by_epsilon[epsilon] for epsilon in sorted(by_epsilon)]


def half_lost(cells: Sequence[Row], method: str) -> float | None:
    """The smallest epsilon tried at which at least half of the songs that were right are lost.

    None where even the largest leaves more than half.
    """
    lost = [
        cell["epsilon"]
        for cell in cells
        if cell["method"] == method
        and cell["song_robust_accuracy"] <= cell["song_clean_accuracy"] / 2
    ]
    return min(lost, default=None)


def headline(cells: Sequence[Row]) -> Row:
    """The few figures that a review starts from, by method."""
    methods = dict.fromkeys(cell["method"] for cell in cells)
    return {
        "segments": cells[0]["segments"],
        "songs": cells[0]["songs"],
        "half_songs_lost_epsilon": {method: half_lost(cells, method) for method in methods},
        "mean_robust_accuracy": {
            method: float(np.mean([c["robust_accuracy"] for c in cells if c["method"] == method]))
            for method in methods
        },
    }


def told(cells: Sequence[Row]) -> str:
    """One line on what it takes to lose half the songs, by method."""
    halves = {
        method: half_lost(cells, method) for method in dict.fromkeys(c["method"] for c in cells)
    }
    parts = [
        f"{method} needs epsilon {half}" if half else f"{method} needs more than was tried"
        for method, half in halves.items()
    ]
    return f"to lose half of the songs that were right, {'; '.join(parts)}"


def remove_outside(names: Iterable[str], *folders: Path) -> None:
    """Remove files of cells that are no longer in the grid, so that no review counts them."""
    kept = set(names)
    for folder in folders:
        for path in folder.iterdir():
            if path.suffix in (".npz", ".json") and path.stem not in kept:
                path.unlink()
