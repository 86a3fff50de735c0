"""The few figures and the line of words that a review of the attacks starts from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from detune.robustness.breakdown import WORST, Cells
from detune.robustness.summary import Row, curves, on_all_segments
from detune.statistics.scores import median_smallest

COMPARED = (
    *("segments", "songs", "precision", "processor"),
    *("half_songs_lost_epsilon", "median_smallest_epsilon"),
)
"""What of `metrics/robustness.json` is no detail."""


def half_lost(cells: Sequence[Row], method: str) -> float | None:
    """The smallest epsilon tried at which at least half of the songs that were right are lost.

    None where even the largest leaves more than half.
    """
    lost = [
        cell["epsilon"]
        for cell in cells
        if cell["method"] == method
        and 0 < cell["song_clean_accuracy"] >= 2 * cell["song_robust_accuracy"]
    ]
    return min(lost, default=None)


def computed_with(cells: Cells) -> Row:
    """What the cells were computed in and on, so that a review sees when that changed."""
    return {
        name: "; ".join(sorted({str(arrays[name]) for arrays in cells.values()}))
        for name in ("precision", "processor")
    }


def headline(cells: Sequence[Row], worst: Sequence[Row], smallest: np.ndarray) -> Row:
    """The few figures that a review starts from, by method.

    Args:
        cells: rows of `summarise_cell`.
        worst: rows of `worst_case`.
        smallest: the smallest epsilon `(n,)` that turns each segment, by any method.
    """
    complete = on_all_segments(cells)
    methods = dict.fromkeys(cell["method"] for cell in complete)
    return {
        "segments": complete[0]["segments"],
        "songs": complete[0]["songs"],
        "half_songs_lost_epsilon": {method: half_lost(complete, method) for method in methods},
        "mean_robust_accuracy": {
            method: float(
                np.mean([c["robust_accuracy"] for c in complete if c["method"] == method])
            )
            for method in methods
        }
        | {WORST: float(np.mean([row["value"] for row in worst]))},
        "median_smallest_epsilon": median_smallest(smallest),
    }


def message(cells: Sequence[Row]) -> str:
    """One line on what it takes to lose half the songs, by method, and where FGSM overshoots."""
    complete = on_all_segments(cells)
    halves = {
        method: half_lost(complete, method)
        for method in dict.fromkeys(cell["method"] for cell in complete)
    }
    parts = [
        f"{method} needs epsilon {half}" if half else f"{method} needs more than was tried"
        for method, half in halves.items()
    ]
    line = f"to lose half of the songs that were right, {'; '.join(parts)}"
    return "; ".join([line, *overshoots(complete)])


def overshoots(cells: Sequence[Row]) -> list[str]:
    """Where FGSM's single step, too long, leaves more segments correct than a shorter one.

    It is no fault of the attack, so the verdict does not fail for it; but such an accuracy says
    nothing about the model.
    """
    fgsm = [(row["epsilon"], row["fgsm"]) for row in curves(cells, "robust_accuracy")]
    return [
        f"fgsm overshoots at epsilon {epsilon}: {after:.1%} correct, {before:.1%} at {smaller}"
        for (smaller, before), (epsilon, after) in pairwise(fgsm)
        if after > before
    ]
