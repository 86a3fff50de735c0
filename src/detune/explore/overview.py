"""Overview of a collection before training: tracks left out, duplicates, the split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detune.collection.grouping import count_repeats
from detune.collection.quarantine import count_reasons
from detune.collection.split_table import SPLITS, SplitRow

Row = Mapping[str, str]


@dataclass(frozen=True)
class Overview:
    """The collection before training.

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
    """Count what the overview shows.

    Args:
        quarantined: rows of `quarantine.csv`.
        duplicates: rows of `duplicates.csv`.
        tracks: the split of each track that takes part.
    """
    counts = Counter((row.genre, row.split) for row in tracks)
    pairs = [(row["genre"], row["other_genre"]) for row in duplicates]
    genres = sorted({*(row.genre for row in tracks), *(genre for pair in pairs for genre in pair)})
    return Overview(
        genres=genres,
        reasons=count_reasons(row["reason"] for row in quarantined),
        pairs=pairs,
        splits={genre: {split: counts[genre, split] for split in SPLITS} for genre in genres},
    )


def overview_figures(overview: Overview, tracks: Sequence[Row]) -> dict[str, Any]:
    """The figures of `metrics/explore.json` about the quality of the collection.

    Args:
        overview: what was counted.
        tracks: all rows of `tracks.csv`.
    """
    repeats = count_repeats([row["group"] for row in tracks], [row["genre"] for row in tracks])
    totals = {split: sum(counts[split] for counts in overview.splits.values()) for split in SPLITS}
    return {
        "quarantined": sum(overview.reasons.values()),
        "duplicate_tracks": repeats["duplicate_tracks"],
        "label_conflicts": repeats["label_conflicts"],
        "test_share": totals["test"] / sum(totals.values()),
    }
