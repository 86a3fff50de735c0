"""Counts of what is in each split: the figures of `metrics/preprocess.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from detune.collection.dataset import IndexRow
from detune.collection.split_table import SPLITS


def count_by_split(index: Sequence[IndexRow], groups: Mapping[str, str]) -> dict[str, Any]:
    """Tracks, segments and groups by split, and how many groups are in several.

    Args:
        index: where the segments come from.
        groups: the group of each track.
    """
    tracks = {split: {row.track for row in index if row.split == split} for split in SPLITS}
    groups_by_split = {split: {groups[track] for track in tracks[split]} for split in SPLITS}
    splits_of_group = Counter(
        group for groups_of_split in groups_by_split.values() for group in groups_of_split
    )
    return {
        "tracks": {split: len(tracks[split]) for split in SPLITS},
        "segments": {split: sum(row.split == split for row in index) for split in SPLITS},
        "groups": {split: len(groups_by_split[split]) for split in SPLITS},
        "leaking_groups": sum(count > 1 for count in splits_of_group.values()),
    }
