"""Partition: a CSV that fixes the split or the group of tracks, such as a published list."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from detune.collection.splits import SPLITS
from detune.support.errors import UserError

PARTITION_COLUMNS = ("track", "split", "group")


@dataclass(frozen=True)
class Partition:
    """What is fixed.

    Attributes:
        tracks: every track listed.
        splits: the split of those that have one. With any, tracks that are not listed are left
            out: published lists omit faulty tracks.
        groups: the group of those that have one.
    """

    tracks: frozenset[str]
    splits: Mapping[str, str]
    groups: Mapping[str, str]

    def keeps(self, track: str) -> bool:
        """Whether a track takes part."""
        return not self.splits or track in self.tracks


def load_partition(path: Path) -> Partition:
    """Read the CSV `track,split,group`, of which either of the last two may be absent or empty.

    Raises:
        UserError: it can't be read, or a line of it is wrong.
    """
    rows = _read(path)
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        track, split = row["track"], row.get("split") or ""
        if not track or None in row:
            raise UserError(f"data.partition: {path}, line {line}: give one track and its columns")
        if track in seen:
            raise UserError(f"data.partition: {path}, line {line}: {track!r} again: list it once")
        if split and split not in SPLITS:
            raise UserError(
                f"data.partition: {path}, line {line}: split {split!r} is not allowed: give "
                f"{', '.join(SPLITS)} or nothing"
            )
        seen.add(track)
    return Partition(
        tracks=frozenset(seen),
        splits={row["track"]: row["split"] for row in rows if row.get("split")},
        groups={row["track"]: row["group"] for row in rows if row.get("group")},
    )


def _read(path: Path) -> list[dict[str, str]]:
    """The rows of the CSV, its columns checked."""
    try:
        # Spreadsheets write a byte order mark, which is not part of the first column's name.
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            rows, columns = list(reader), list(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"data.partition: {path} can't be read: {reason}") from error
    if "track" not in columns or not set(columns) <= set(PARTITION_COLUMNS):
        raise UserError(
            f"data.partition: {path}: columns {', '.join(columns) or 'none'}: give "
            f"{','.join(PARTITION_COLUMNS)}, of which the last two are optional"
        )
    return rows
