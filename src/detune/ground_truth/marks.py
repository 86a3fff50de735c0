"""Marks: what methods reach in a test with a known answer, and by how much more than baselines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detune.statistics.bootstrap import MIN_SONGS, Bootstrap

MARK_COLUMNS = (
    *("test", "method", "group", "measure", "versus"),
    *("segments", "songs", "value", "low", "high"),
)

CHANCE, BEFORE, NOISE = "chance", "before the attack", "noise in the window"
"""What marks are compared with, beside the baselines."""

EVERY = "all"

HEADLINE_METHOD = "grad-cam"
"""Whose marks a reviewer compares; those of all methods are in the table."""

Row = dict[str, Any]
Values = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Marks:
    """One method in one test of n trials.

    Attributes:
        test: the test.
        method: what was tested.
        values: by measure, `(n,)`; NaN where there is no answer.
        references: by what they are compared with, then by measure, the values `(n,)` there.
    """

    test: str
    method: str
    values: Values
    references: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class Trials:
    """The n trials of a test.

    Attributes:
        bootstrap: over the songs of the trials.
        groups: names of groups of trials, each with which `(n,)` bool are in it.
    """

    bootstrap: Bootstrap
    groups: Mapping[str, np.ndarray]


def trials(songs: Sequence[str], kinds: Sequence[str] | np.ndarray, seed: int) -> Trials:
    """Trials by song, grouped by kind in order of appearance, all of them first."""
    names = np.asarray(kinds)
    groups = {str(kind): names == kind for kind in dict.fromkeys(names.tolist())}
    return Trials(Bootstrap(songs, seed), {EVERY: np.ones(len(songs), bool)} | groups)


def mark_rows(marks: Sequence[Marks], tested: Trials, baselines: Sequence[str]) -> Iterator[Row]:
    """Rows of `MARK_COLUMNS`; those with a `versus` are differences, trial by trial.

    Args:
        marks: of all methods in one test.
        tested: its trials.
        baselines: methods that the others are compared with as well.
    """
    base = {item.method: item.values for item in marks if item.method in baselines}
    for item in marks:
        own = {"test": item.test, "method": item.method}
        references = {**item.references, **base}
        references.pop(item.method, None)
        for measure, values in item.values.items():
            for group, chosen in tested.groups.items():
                estimate = tested.bootstrap.estimate(np.where(chosen, values, np.nan))
                if estimate is not None:
                    name = {"group": group, "measure": measure, "versus": ""}
                    yield own | name | vars(estimate)
            for versus, reference in references.items():
                if measure not in reference:
                    continue
                estimate = tested.bootstrap.estimate(values - reference[measure])
                if estimate is not None:
                    name = {"group": EVERY, "measure": measure, "versus": versus}
                    yield own | name | vars(estimate)


def headline(rows: Sequence[Row], measure: str, versus: str) -> dict[str, Row]:
    """Grad-CAM's value of `measure` over all trials, and by how much it is beyond `versus`."""
    figures: dict[str, Row] = {}
    for row in rows:
        kind = (row["method"], row["measure"], row["group"])
        if kind == (HEADLINE_METHOD, measure, EVERY) and row["versus"] in ("", versus):
            name = f"beyond {versus}" if row["versus"] else measure
            kept = {end: row[end] for end in ("value", "low", "high")}
            figures[name.replace(" ", "_")] = kept
    return figures


def describe_differences(
    rows: Sequence[Row], measure: str, versus: str, methods: Collection[str]
) -> str:
    """In words: which `methods` are better at `measure` than `versus`, which worse, which neither.

    An interval that does not contain 0 tells; with fewer than `MIN_SONGS` songs none does.
    """
    sides: dict[str, list[str]] = {"better": [], "worse": [], "not shown to differ": []}
    for row in rows:
        if (row["measure"], row["versus"]) == (measure, versus) and row["method"] in methods:
            if row["songs"] < MIN_SONGS:
                return f"{row['songs']} songs are too few to compare with {versus}"
            side = "better" if row["low"] > 0 else "worse" if row["high"] < 0 else None
            sides[side or "not shown to differ"].append(row["method"])
    parts = [f"{side}: {', '.join(names)}" for side, names in sides.items() if names]
    return f"against {versus} {'; '.join(parts)}" if parts else ""
