from __future__ import annotations

from pathlib import Path

import pytest

from detune.split.partition import Partition, load_partition
from detune.support.errors import UserError

SHIPPED = Path(__file__).parents[2] / "data" / "partition.csv"


def load(folder: Path, text: str) -> Partition:
    path = folder / "partition.csv"
    path.write_bytes(text.encode())
    return load_partition(path)


def test_splits_and_groups_are_read(tmp_path: Path) -> None:
    found = load(tmp_path, "track,split,group\na,train,x\nb,,x\nc,test,\n")
    assert found == Partition(frozenset("abc"), {"a": "train", "c": "test"}, {"a": "x", "b": "x"})


@pytest.mark.parametrize(
    ("text", "splits", "groups"),
    [
        ("track,split\na,test\n", {"a": "test"}, {}),
        ("track,group\na,x\n", {}, {"a": "x"}),
        ("group,track\nx,a\n", {}, {"a": "x"}),
        ("\ufefftrack,group\r\na,x\r\n", {}, {"a": "x"}),
        ("track\na\n", {}, {}),
    ],
)
def test_either_column_may_be_absent(
    text: str, splits: dict[str, str], groups: dict[str, str], tmp_path: Path
) -> None:
    assert load(tmp_path, text) == Partition(frozenset("a"), splits, groups)


def test_only_a_list_of_splits_leaves_tracks_out(tmp_path: Path) -> None:
    listed = load(tmp_path, "track,split\na,test\nb,\n")
    assert [listed.keeps(track) for track in "abc"] == [True, True, False]
    assert load(tmp_path, "track,group\na,x\n").keeps("c")


def test_the_one_that_comes_with_the_project_fixes_nothing() -> None:
    assert load_partition(SHIPPED) == Partition(frozenset(), {}, {})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", ["columns none", "track,split,group"]),
        ("name,split\na,test\n", ["columns name, split", "track,split,group"]),
        ("track,artist\na,x\n", ["columns track, artist"]),
        ("track,split\na,test\na,train\n", ["line 3", "'a' again"]),
        ("track,split\na,valid\n", ["line 2", "'valid'", "train, validation, test"]),
        ("track,split\n,test\n", ["line 2", "one track"]),
        ("track,split\na,test,x\n", ["line 2"]),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(text: str, named: list[str], tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert message.startswith("data.partition: ")
    assert "\n" not in message
    assert all(part in message for part in named)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "partition.csv").write_bytes(b"track,split\n\xff\xfe,test\n")
    for path in (tmp_path / "absent.csv", tmp_path, tmp_path / "partition.csv"):
        with pytest.raises(UserError, match="can't be read"):
            load_partition(path)
