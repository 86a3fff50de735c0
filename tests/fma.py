"""FMA's `tracks.csv`, with its header of three lines, for tracks of a test."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

LEVELS = ["", "album", "artist", "artist", "set", "set", "track", "track", "track"]
NAMES = ["", "id", "bio", "id", "split", "subset", "genre_top", "genres", "title"]

Entry = tuple[int, str, str, str, str]
"""Number, genre, artist, split and subset of a track."""


def write_tracks_csv(path: Path, entries: Iterable[Entry]) -> Path:
    """Write `tracks.csv` with some of FMA's columns, some of the same name, and lines in fields."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerows([LEVELS, NAMES, ["track_id"] + [""] * (len(NAMES) - 1)])
        for number, genre, artist, split, subset in entries:
            bio = '<p>"Ünder,\n'
            title = f"Song, {number}"
            writer.writerow([number, 7, bio, artist, split, subset, genre, "[21]", title])
    return path
