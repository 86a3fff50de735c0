"""Partition: a CSV that fixes the split or the group of tracks, such as a published list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from detune.collection.split_table import SPLITS
from detune.collection.user_table import read_user_table
from detune.support.errors import UserError

PARTITION_COLUMNS = ("track", "split", "group")

KEY = "data.partition"
"""The parameter that names the CSV."""


@dataclass(frozen=True)
class Partition:
    """What is fixed.

    Attributes:
        tracks: every track listed.
        splits: the split of those that have one. With any, tracks that are not listed are left
            out: published lists omit faulty tracks.
        groups: the group of those that have one.
        key: the parameter by which the splits are given, for messages.
    """

    tracks: frozenset[str]
    splits: Mapping[str, str]
    groups: Mapping[str, str]
    key: str = KEY

    def keeps(self, track: str) -> bool:
        """Whether a track takes part."""
        return not self.splits or track in self.tracks


def load_partition(path: Path) -> Partition:
    """Read the CSV `track,split,group`, of which either of the last two may be absent or empty.

    Raises:
        UserError: it can't be read, or a line of it is wrong.
    """
    columns, rows = read_user_table(path, KEY)
    if "track" not in columns or not set(columns) <= set(PARTITION_COLUMNS):
        raise UserError(
            f"{KEY}: {path}: columns {', '.join(columns) or 'none'}: give "
            f"{','.join(PARTITION_COLUMNS)}, of which the last two are optional"
        )
    seen: set[str] = set()
    for line, row in rows:
        track, split = row["track"], row.get("split") or ""
        if not track:
            raise UserError(f"{KEY}: {path}, line {line}: give one track and its columns")
        if track in seen:
            raise UserError(f"{KEY}: {path}, line {line}: {track!r} again: list it once")
        if split and split not in SPLITS:
            raise UserError(
                f"{KEY}: {path}, line {line}: split {split!r} is not allowed: give "
                f"{', '.join(SPLITS)} or nothing"
            )
        seen.add(track)
    return Partition(
        tracks=frozenset(seen),
        splits={row["track"]: row["split"] for _, row in rows if row.get("split")},
        groups={row["track"]: row["group"] for _, row in rows if row.get("group")},
    )
