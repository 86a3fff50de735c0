"""Which test segments and songs a revision's model gets right, clean and under each attack."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from detune.robustness.predictions import OUTCOME_COLUMNS

CLEAN = "clean"

IDENTITY = ("track", "row")
"""Columns that name a corrupted segment."""

Key = tuple[str, str]
"""A test segment by song and number; a song has an empty number."""


@dataclass(frozen=True)
class Outcomes:
    """What a model gets right of one kind of thing, segments or songs.

    Attributes:
        unit: `segment`, `song`, or `corrupted segment`.
        right: by condition (`clean`, a cell `<method>-<epsilon>`, a kind of corruption) whether
            each is right, or how often. A cell that attacked a sample lists only these.
    """

    unit: str
    right: Mapping[str, Mapping[Key, float]]

    @property
    def keys(self) -> frozenset[Key]:
        """All of them."""
        return frozenset(self.right[CLEAN])

    def without(self, conditions: Collection[str]) -> Outcomes:
        """The same without some conditions."""
        return replace(
            self, right={name: one for name, one in self.right.items() if name not in conditions}
        )


def parse_outcomes(rows: Iterable[Mapping[str, str]], unit: str) -> Outcomes:
    """Read the rows of `outcomes.csv` that are of `unit`, `segment` or `song`."""
    right: dict[str, dict[Key, float]] = {CLEAN: {}}
    for row in rows:
        if row["unit"] != unit:
            continue
        for condition, predicted in row.items():
            if condition == CLEAN or (condition not in OUTCOME_COLUMNS and predicted):
                by_key = right.setdefault(condition, {})
                by_key[row["track"], row["segment"]] = predicted == row["genre"]
    return Outcomes(unit, right)


def parse_corruptions(rows: Iterable[Mapping[str, str]]) -> Outcomes:
    """Read the rows of `corruption_outcomes.csv`: how often each segment is right, by kind."""
    right: dict[str, dict[Key, float]] = {CLEAN: {}}
    for row in rows:
        for kind, share in row.items():
            if kind not in IDENTITY:
                right.setdefault(kind, {})[row["track"], row["row"]] = float(share)
    return Outcomes("corrupted segment", right)
