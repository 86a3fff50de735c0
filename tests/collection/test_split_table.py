from __future__ import annotations

from pathlib import Path

from detune.collection.split_table import SPLITS, SplitRow, read_splits, write_splits


def test_the_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    rows = [SplitRow(f"ska, {n}", "ska", split, "ska, 0") for n, split in enumerate(SPLITS)]
    write_splits(tmp_path / "splits.csv", rows)
    assert read_splits(tmp_path / "splits.csv") == rows
    header = (tmp_path / "splits.csv").read_text().splitlines()[0]
    assert header == "track,genre,split,group"
