from __future__ import annotations

from pathlib import Path

from detune.collection.dataset import read_index
from detune.preprocess.segment_counts import count_by_split


def test_counts_are_by_split(folders: tuple[Path, Path]) -> None:
    index = read_index(folders[1])
    groups = {row.track: row.track for row in index} | {"rock.0": "blues.1"}
    assert count_by_split(index, groups) == {
        "tracks": {"train": 2, "validation": 2, "test": 2},
        "segments": {"train": 3, "validation": 3, "test": 3},
        "groups": {"train": 2, "validation": 2, "test": 1},
        "leaking_groups": 0,
    }


def test_a_group_in_several_splits_leaks(folders: tuple[Path, Path]) -> None:
    index = read_index(folders[1])
    groups = {row.track: "band" if row.track.endswith(".0") else row.track for row in index}
    assert {row.split for row in index if row.track.endswith(".0")} == {"test", "validation"}
    assert count_by_split(index, groups)["leaking_groups"] == 1
