"""Six tracks of two genres and the split of each, which `folders` in conftest.py preprocesses."""

from __future__ import annotations

ROWS = [
    {"genre": genre, "track": f"{genre}.{number}"}
    for genre in ("rock", "blues")
    for number in range(3)
]
OF_ROW = ["test", "train", "validation", "validation", "test", "train"]
SECONDS = [7.6, 3.0, 3.1, 6.0, 4.0, 9.2]
