"""The tables of the study of attention, and the few figures that a review starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detune.gradcam.comparison import (
    ATTACK,
    EVERY,
    HEADLINE,
    NOISE,
    OTHER_CLASSES,
    RETRAINED,
    SIZE_COLUMNS,
    TABLE_COLUMNS,
    Comparison,
)
from detune.gradcam.effects import Effects, direction, summarise, summarise_trust
from detune.gradcam.faithfulness import SHARES, Curves
from detune.gradcam.shift import size_table, table
from detune.statistics.bootstrap import Bootstrap, Estimate
from detune.support.files import write_csv

SANITY_COLUMNS = ("layer", "measure", "segments", "songs", "value", "low", "high")
REMOVAL_COLUMNS = ("curve", "share", "segments", "songs", "value", "low", "high")

COMPARED = (
    "rank_correlation.*.original_class_below_noise.value",
    "rank_correlation.retrained_head",
    "deletion_gain.value",
    "zero_heatmaps",
)
"""What of `metrics/gradcam.json` is no detail."""

Row = dict[str, Any]
Sanity = Sequence[tuple[str, dict[str, np.ndarray]]]


@dataclass(frozen=True)
class Tables:
    """Rows of `attention.csv`, and of `attention_size`, `_sanity` and `_removal`."""

    comparisons: list[Row]
    sizes: list[Row]
    sanity: list[Row]
    removal: list[Row]

    @property
    def parts(self) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
        """All of them, in order."""
        return self.comparisons, self.sizes, self.sanity, self.removal


@dataclass(frozen=True)
class Trust:
    """What tells whether heatmaps can be interpreted; None where there is nothing.

    Attributes:
        other_classes: how alike heatmaps of segments of other classes are.
        retrained: of the same segment under a retrained head.
        randomized: of the same segment when all weights are random.
        deletion_gain: by how much deletion beats the same at random, in logits.
        insertion_gain: likewise for insertion.
    """

    other_classes: Estimate | None
    retrained: Estimate | None
    randomized: Estimate | None
    deletion_gain: Estimate | None
    insertion_gain: Estimate | None


def tabulate(
    comparisons: Sequence[Comparison],
    sanity: Sanity,
    removal: tuple[Curves, np.ndarray],
    bootstrap: Bootstrap,
) -> Tables:
    """Everything that was measured, with its 95 % intervals.

    Args:
        comparisons: of every cell, and of the controls.
        sanity: heatmaps after each further layer has become random.
        removal: deletion and insertion curves, and the segments they are of.
        bootstrap: over the songs of the test segments.
    """
    return Tables(
        list(table(comparisons, bootstrap)),
        list(size_table(comparisons, bootstrap)),
        list(sanity_rows(sanity, bootstrap)),
        list(removal_rows(*removal, bootstrap)),
    )


def sanity_rows(sanity: Sanity, bootstrap: Bootstrap) -> Iterator[Row]:
    """Rows of `SANITY_COLUMNS`: heatmaps after each further layer has become random."""
    for layer, values in sanity:
        for measure in (HEADLINE, "ssim"):
            estimate = bootstrap.estimate(values[measure])
            if estimate is not None:
                yield {"layer": layer, "measure": measure} | vars(estimate)


def removal_rows(curves: Curves, rows: np.ndarray, bootstrap: Bootstrap) -> Iterator[Row]:
    """Rows of `REMOVAL_COLUMNS`: the target logit along each curve."""
    sample = bootstrap.at(rows)
    for curve, heights in vars(curves).items():
        for share, values in zip(SHARES, heights.T, strict=True):
            estimate = sample.estimate(values)
            if estimate is not None:
                yield {"curve": curve, "share": share} | vars(estimate)


def curve(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Points of the curves in `metrics/gradcam.json`: the headline measure by method and epsilon.

    `method` is an attack's, or an attack's followed by `noise`: noise of the same size. Nothing
    where there is no heatmap: DVC's plots stop at an empty list.
    """
    points = [
        {
            "method": f"{row['method']}{SUFFIXES[row['comparison']]}",
            "epsilon": row["epsilon"],
            "rank_correlation": row["value"],
            "rank_correlation_low": row["low"],
            "rank_correlation_high": row["high"],
        }
        for row in rows
        if row["comparison"] in SUFFIXES and (row["measure"], row["group"]) == (HEADLINE, EVERY)
    ]
    return {"curve": points} if points else {}


def write_tables(tables: Tables, folder: Path) -> None:
    """Write the tables to `folder`."""
    write_csv(folder / "attention.csv", TABLE_COLUMNS, tables.comparisons)
    write_csv(folder / "attention_size.csv", SIZE_COLUMNS, tables.sizes)
    write_csv(folder / "attention_sanity.csv", SANITY_COLUMNS, tables.sanity)
    write_csv(folder / "attention_removal.csv", REMOVAL_COLUMNS, tables.removal)


def measure_trust(
    comparisons: Sequence[Comparison],
    sanity: Sanity,
    removal: tuple[Curves, np.ndarray],
    bootstrap: Bootstrap,
) -> Trust:
    """Estimates of what tells whether heatmaps can be interpreted; arguments as of `tabulate`."""
    levels = {item.kind: item.values[HEADLINE] for item in comparisons}
    curves, rows = removal
    sample = bootstrap.at(rows)
    return Trust(
        other_classes=bootstrap.estimate(levels[OTHER_CLASSES]),
        retrained=bootstrap.estimate(levels[RETRAINED]),
        randomized=bootstrap.estimate(sanity[-1][1][HEADLINE]),
        deletion_gain=sample.estimate(curves.deletion_gain),
        insertion_gain=sample.estimate(curves.insertion_gain),
    )


def headline(effects: Sequence[Effects], trust: Trust) -> Row:
    """Rank correlations of heatmaps at the epsilon that is drawn, and whether to trust them.

    Returns:
        By method its rank correlation with the clean heatmap for the `original_class`, and by how
        much that is below noise of the same size (None with too few songs to tell); the controls;
        what removal gains.
    """
    return {
        "rank_correlation": {
            item.method: {
                "original_class": _interval(item.original),
                "original_class_below_noise": _difference(item.original_below_noise),
            }
            for item in effects
        }
        | {
            "other_classes": _value(trust.other_classes),
            "retrained_head": _value(trust.retrained),
            "random_weights": _value(trust.randomized),
        },
        "deletion_gain": _interval(trust.deletion_gain),
        "insertion_gain": _value(trust.insertion_gain),
    }


def message(effects: Sequence[Effects], trust: Trust, epsilon: float) -> str:
    """The findings in words, as strong as the numbers allow."""
    trusted = summarise_trust(trust.randomized, trust.retrained, trust.deletion_gain)
    return " | ".join([f"at epsilon {epsilon}", *map(summarise, effects), trusted])


SUFFIXES = {ATTACK: "", NOISE: " noise"}
"""What is added to a method's name in the curves."""


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


def _difference(estimate: Estimate | None) -> dict[str, float] | None:
    """None where there are too few songs to build on."""
    return None if direction(estimate) is None else _interval(estimate)


def _interval(estimate: Estimate | None) -> dict[str, float] | None:
    if estimate is None:
        return None
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
