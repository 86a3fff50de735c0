from __future__ import annotations

from detune.collection.split_table import SplitRow
from detune.explore.overview import collect_overview, overview_figures

TRACKS = [
    {"track": "pop.0", "genre": "pop", "group": "pop.0"},
    {"track": "pop.1", "genre": "pop", "group": "pop.0"},
    {"track": "ska.0", "genre": "ska", "group": "pop.0"},
    {"track": "ska.1", "genre": "ska", "group": "ska.1"},
]
SPLIT = [
    SplitRow(row["track"], row["genre"], split, row["group"])
    for row, split in zip(TRACKS, ["train", "train", "train", "test"], strict=True)
]
PAIRS = [
    {"track": "pop.0", "genre": "pop", "other": "pop.1", "other_genre": "pop"},
    {"track": "pop.0", "genre": "pop", "other": "ska.0", "other_genre": "ska"},
]
LEFT_OUT = [
    {"source": "a", "genre": "dub", "reason": "empty"},
    {"source": "b", "genre": "dub", "reason": "too short: 1.00 s of at min_spread 3 s"},
    {"source": "c", "genre": "dub", "reason": "too short: 2.00 s of at min_spread 3 s"},
]


def test_reasons_pairs_and_splits_are_counted() -> None:
    overview = collect_overview(LEFT_OUT, PAIRS, SPLIT)
    assert overview.genres == ["pop", "ska"]
    assert list(overview.reasons.items()) == [("too short", 2), ("empty", 1)]
    assert overview.pairs == [("pop", "pop"), ("pop", "ska")]
    assert overview.splits == {
        "pop": {"train": 2, "validation": 0, "test": 0},
        "ska": {"train": 1, "validation": 0, "test": 1},
    }
    assert overview_figures(overview, TRACKS) == {
        "quarantined": 3,
        "duplicate_tracks": 3,
        "label_conflicts": 1,
        "test_share": 0.25,
    }


def test_a_genre_that_a_partition_leaves_out_keeps_its_duplicates() -> None:
    overview = collect_overview([], PAIRS, SPLIT[:2])
    assert overview.genres == ["pop", "ska"]
    assert set(overview.splits["ska"].values()) == {0}
