"""The table of splits: which track is for training, validation or test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from detune.support.files import read_csv, write_csv

SPLITS = ("train", "validation", "test")


class SplitRow(NamedTuple):
    """The split of a track, and the group of tracks that must be in the same one."""

    track: str
    genre: str
    split: str
    group: str


def write_splits(path: Path, rows: Sequence[SplitRow]) -> None:
    """Write a row for every track that takes part."""
    write_csv(path, SplitRow._fields, (row._asdict() for row in rows))


def read_splits(path: Path) -> list[SplitRow]:
    """Return the rows of the table, in the order of `tracks.csv`."""
    return [SplitRow(**row) for row in read_csv(path)]
