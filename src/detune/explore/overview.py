"""What a collection is like before it is learnt from: left out, repeated, how it is split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detune.collection.grouping import count_repeats
from detune.collection.quarantine import count_reasons
from detune.collection.splits import SPLITS, SplitRow

Row = Mapping[str, str]


@dataclass(frozen=True)
class Overview:
    """What is known of a collection before anything is learnt from it.

    Attributes:
        genres: in order.
        reasons: how many tracks were left out for each reason.
        pairs: the two genres of each pair of duplicates.
        splits: tracks by genre, then by split.
    """

    genres: Sequence[str]
    reasons: Mapping[str, int]
    pairs: Sequence[tuple[str, str]]
    splits: Mapping[str, Mapping[str, int]]


def collect_overview(
    quarantined: Sequence[Row],
    duplicates: Sequence[Row],
    tracks: Sequence[SplitRow],
) -> Overview:
    """Count what a picture of the collection shows.

    Args:
        quarantined: rows of `quarantine.csv`.
        duplicates: rows of `duplicates.csv`.
        tracks: the split of each track that takes part.
    """
    counts = Counter((row.genre, row.split) for row in tracks)
    pairs = [(row["genre"], row["other_genre"]) for row in duplicates]
    named = sorted({*(row.genre for row in tracks), *(genre for pair in pairs for genre in pair)})
    return Overview(
        genres=named,
        reasons=count_reasons(row["reason"] for row in quarantined),
        pairs=pairs,
        splits={genre: {split: counts[genre, split] for split in SPLITS} for genre in named},
    )


def overview_figures(overview: Overview, tracks: Sequence[Row]) -> dict[str, Any]:
    """The figures of `metrics/explore.json` that say what to doubt.

    Args:
        overview: what was counted.
        tracks: all rows of `tracks.csv`.
    """
    repeats = count_repeats([row["group"] for row in tracks], [row["genre"] for row in tracks])
    totals = {split: sum(found[split] for found in overview.splits.values()) for split in SPLITS}
    return {
        "quarantined": sum(overview.reasons.values()),
        "duplicate_tracks": repeats["duplicate_tracks"],
        "label_conflicts": repeats["label_conflicts"],
        "test_share": totals["test"] / sum(totals.values()),
    }
