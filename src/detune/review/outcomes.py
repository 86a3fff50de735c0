"""Which test segments and songs a revision's model gets right, clean and under each attack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detune.robustness.predictions import OUTCOME_COLUMNS

CLEAN = "clean"

Key = tuple[str, str]
"""A test segment by song and number; a song has an empty number."""


@dataclass(frozen=True)
class Outcomes:
    """What a model gets right of one kind of thing, segments or songs.

    Attributes:
        unit: `segment` or `song`.
        right: by condition, `clean` or a cell `<method>-<epsilon>`, whether each is right. A cell
            that attacked a sample lists only these.
    """

    unit: str
    right: Mapping[str, Mapping[Key, bool]]

    @property
    def keys(self) -> frozenset[Key]:
        """All of them."""
        return frozenset(self.right[CLEAN])


def parse_outcomes(rows: Iterable[Mapping[str, str]], unit: str) -> Outcomes:
    """Read the rows of `outcomes.csv` that are of `unit`, `segment` or `song`."""
    right: dict[str, dict[Key, bool]] = {CLEAN: {}}
    for row in rows:
        if row["unit"] != unit:
            continue
        for condition, predicted in row.items():
            if condition == CLEAN or (condition not in OUTCOME_COLUMNS and predicted):
                by_key = right.setdefault(condition, {})
                by_key[row["track"], row["segment"]] = predicted == row["genre"]
    return Outcomes(unit, right)
