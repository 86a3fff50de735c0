"""Six tracks of two genres and the split of each, which `folders` in conftest.py preprocesses."""

from __future__ import annotations

from detune.collection.split_table import SplitRow

TRACKS = [(genre, f"{genre}.{number}") for genre in ("rock", "blues") for number in range(3)]
OF_TRACK = ["test", "train", "validation", "validation", "test", "train"]
ROWS = [
    SplitRow(track, genre, split, group=track)
    for (genre, track), split in zip(TRACKS, OF_TRACK, strict=True)
]
SECONDS = [7.6, 3.0, 3.1, 6.0, 4.0, 9.2]
