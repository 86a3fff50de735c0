"""The study of attention in tables, and in the few figures that a review starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detune.estimates import Estimate, estimate
from detune.gradcam.faithfulness import SHARES
from detune.gradcam.finding import HEADLINE, Facts, gather, tell, tell_trust
from detune.gradcam.shift import (
    EVERY,
    NOISE,
    RETRAINED,
    TABLE_COLUMNS,
    UNRELATED,
    table,
)
from detune.gradcam.study import Study
from detune.params import PICTURED
from detune.support.files import write_csv

SANITY_COLUMNS = ("layer", "measure", "segments", "songs", "value", "low", "high")
REMOVAL_COLUMNS = ("curve", "share", "segments", "songs", "value", "low", "high")

Row = dict[str, Any]


@dataclass(frozen=True)
class Tables:
    """Rows of `attention.csv`, `attention_sanity.csv` and `attention_removal.csv`."""

    comparisons: list[Row]
    sanity: list[Row]
    removal: list[Row]


def tabulate(study: Study, tracks: Sequence[str], *, seed: int) -> Tables:
    """Everything that was found, with its 95 % intervals.

    Args:
        study: what was found.
        tracks: the track of each test segment.
        seed: of the bootstrap over songs.
    """
    return Tables(
        list(table(study.comparisons, tracks, seed=seed)),
        list(sanity_rows(study, tracks, seed=seed)),
        list(removal_rows(study, tracks, seed=seed)),
    )


def sanity_rows(study: Study, tracks: Sequence[str], *, seed: int) -> Iterator[Row]:
    """Rows of `SANITY_COLUMNS`: heatmaps after each further layer has become random."""
    for layer, values in study.sanity:
        for measure in (HEADLINE, "ssim"):
            found = estimate(values[measure], tracks, seed=seed)
            if found is not None:
                yield {"layer": layer, "measure": measure} | vars(found)


def removal_rows(study: Study, tracks: Sequence[str], *, seed: int) -> Iterator[Row]:
    """Rows of `REMOVAL_COLUMNS`: the target logit along each curve."""
    songs = [tracks[row] for row in study.rows]
    for curve, heights in vars(study.removal).items():
        for share, values in zip(SHARES, heights.T, strict=True):
            found = estimate(values, songs, seed=seed)
            if found is not None:
                yield {"curve": curve, "share": share} | vars(found)


def curve_rows(rows: Sequence[Row]) -> list[Row]:
    """Wide rows `epsilon, <method>, …, noise, unrelated, retrained` of the headline measure."""
    chosen = [row for row in rows if row["measure"] == HEADLINE and row["group"] == EVERY]
    levels = {row["comparison"]: row["value"] for row in chosen if row["epsilon"] == ""}
    by_epsilon: dict[float, Row] = {}
    for row in chosen:
        if row["epsilon"] != "":
            name = row["method"] or row["comparison"]
            by_epsilon.setdefault(row["epsilon"], {})[name] = row["value"]
    return [{"epsilon": size} | by_epsilon[size] | levels for size in sorted(by_epsilon)]


def write_tables(tables: Tables, folder: Path) -> None:
    """Write the tables, and `attention_curves.csv`, to `folder`."""
    write_csv(folder / "attention.csv", TABLE_COLUMNS, tables.comparisons)
    write_csv(folder / "attention_sanity.csv", SANITY_COLUMNS, tables.sanity)
    write_csv(folder / "attention_removal.csv", REMOVAL_COLUMNS, tables.removal)
    curves = curve_rows(tables.comparisons)
    columns = dict.fromkeys(name for row in curves for name in row)
    controls = [name for name in (NOISE, UNRELATED, RETRAINED) if columns.pop(name, 1) is None]
    write_csv(folder / "attention_curves.csv", (*columns, *controls), curves)


def all_facts(study: Study, epsilon: float, tracks: Sequence[str], *, seed: int) -> list[Facts]:
    """What is known of each method whose pictures are drawn, at their epsilon."""
    return [gather(study.comparisons, method, epsilon, tracks, seed=seed) for method in PICTURED]


def gains(study: Study, tracks: Sequence[str], *, seed: int) -> dict[str, Estimate | None]:
    """By how much deletion and insertion beat the same at random, in logits."""
    songs = [tracks[row] for row in study.rows]
    return {
        "deletion_gain": estimate(study.removal.deletion_gain, songs, seed=seed),
        "insertion_gain": estimate(study.removal.insertion_gain, songs, seed=seed),
    }


def headline(study: Study, facts: Sequence[Facts], tracks: Sequence[str], *, seed: int) -> Row:
    """Rank correlations of heatmaps at the epsilon that is drawn, and whether to trust them.

    Returns:
        By method its `attack` and `beyond_noise` (how much more it shifts attention than noise)
        with their intervals, and how alike flipped segments stay about the `same_genre`, and
        their clean selves about the `new_genre`; the
        means of the controls; similarity under random weights; what removal gains.
    """
    gained = gains(study, tracks, seed=seed)
    return {
        "shift": {
            item.method: {
                "attack": _interval(item.attack),
                "beyond_noise": _interval(item.beyond_noise),
                "same_genre": _value(item.kept),
                "new_genre": _value(item.question),
            }
            for item in facts
        },
        "noise": _value(facts[0].noise),
        "unrelated": _value(_level(study, UNRELATED, tracks, seed)),
        "retrained": _value(_level(study, RETRAINED, tracks, seed)),
        "random_weights": _value(_randomised(study, tracks, seed)),
        "deletion_gain": _interval(gained["deletion_gain"]),
        "insertion_gain": _value(gained["insertion_gain"]),
    }


def closing(
    study: Study, facts: Sequence[Facts], epsilon: float, tracks: Sequence[str], *, seed: int
) -> str:
    """The finding in words, as strong as the numbers allow."""
    trust = tell_trust(
        _randomised(study, tracks, seed),
        _level(study, RETRAINED, tracks, seed),
        gains(study, tracks, seed=seed)["deletion_gain"],
    )
    return " | ".join([f"at epsilon {epsilon}", *(tell(item) for item in facts), trust])


def _randomised(study: Study, tracks: Sequence[str], seed: int) -> Estimate | None:
    """How alike heatmaps are when all weights are random."""
    return estimate(study.sanity[-1][1][HEADLINE], tracks, seed=seed)


def _level(study: Study, kind: str, tracks: Sequence[str], seed: int) -> Estimate | None:
    """How alike heatmaps are in a control that knows no epsilon."""
    (values,) = (item.values[HEADLINE] for item in study.comparisons if item.kind == kind)
    return estimate(np.asarray(values), tracks, seed=seed)


def _value(found: Estimate | None) -> float | None:
    return None if found is None else found.value


def _interval(found: Estimate | None) -> dict[str, float] | None:
    return None if found is None else {"value": found.value, "low": found.low, "high": found.high}
