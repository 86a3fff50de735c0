from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from detune.collection.labels import load_labels
from detune.support.errors import UserError
from detune.tools.fma import convert, main
from tests.fma import Entry, write_tracks_csv

SOURCE = Path(__file__).parents[2] / "src"
ENTRIES: list[Entry] = [
    (2, "Hip-Hop", "1", "training", "small"),
    (134_000, "Old-Time / Historic", "4", "test", "medium"),
    (999, "", "5", "training", "large"),
    (1_000, "Hip-Hop", "", "validation", "large"),
    (155_320, "Rock", "24357", "", "full"),
]


@pytest.fixture
def tracks(tmp_path: Path) -> Path:
    return write_tracks_csv(tmp_path / "tracks.csv", ENTRIES)


def test_tracks_become_labels(tracks: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "labels.csv"
    assert main([str(tracks), str(out)]) == (
        f"{out}: 4 tracks of 3 genres, 3 artists; left out: 1 without genre_top, 0 of other "
        "subsets; 'Old-Time / Historic' is written 'Old-Time - Historic'"
    )
    found = load_labels(out)
    assert found
    assert found.genres == {
        "000/000002.mp3": "Hip-Hop",
        "134/134000.mp3": "Old-Time - Historic",
        "001/001000.mp3": "Hip-Hop",
        "155/155320.mp3": "Rock",
    }
    assert found.groups == {
        "000/000002.mp3": "1",
        "134/134000.mp3": "4",
        "155/155320.mp3": "24357",
    }
    assert found.splits == {
        "000/000002.mp3": "train",
        "134/134000.mp3": "test",
        "001/001000.mp3": "validation",
    }


@pytest.mark.parametrize(
    ("subset", "rows", "others"), [("small", 1, 4), ("medium", 2, 3), ("large", 3, 1)]
)
def test_a_subset_has_all_tracks_of_those_before(
    subset: str, rows: int, others: int, tracks: Path
) -> None:
    found = convert(tracks, subset)
    assert (len(found.rows), found.of_other_subsets) == (rows, others)


def test_artists_can_be_split_anew(tracks: Path, tmp_path: Path) -> None:
    main([str(tracks), str(tmp_path / "labels.csv"), "--own-split"])
    found = load_labels(tmp_path / "labels.csv")
    assert found
    assert (found.splits, len(found.groups)) == ({}, 3)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "its first three lines have no column set subset"),
        ("track_id,genre_top\n2,Rock\n", "its first three lines have no column"),
        (",set,set,artist,track\n,split,subset,id,genre_top\n2,a,b,c,d\n", "above track_id"),
        ("{header}two,training,small,1,Rock\n", "line 4: no track"),
        ("{header}2,training,small,1\n", "line 4: no track"),
        ("{header}2,train,small,1,Rock\n", "line 4: subset 'small', split 'train'"),
        ("{header}2,training,tiny,1,Rock\n", "line 4: subset 'tiny', split 'training'"),
        ("{header}2,training,small,1,\n", "no track of full with a genre"),
        ("{header}2,training,small,1,\udcff\n", "can't be read"),
    ],
)
def test_another_table_is_told_in_a_line(text: str, named: str, tmp_path: Path) -> None:
    header = ",set,set,artist,track\n,split,subset,id,genre_top\ntrack_id,,,,\n"
    path = tmp_path / "tracks.csv"
    path.write_text(text.format(header=header), encoding="utf-8", errors="surrogateescape")
    with pytest.raises(UserError) as caught:
        convert(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert named in str(caught.value)


def test_it_is_a_command_that_tells_a_mistake_in_a_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "detune.tools.fma", str(tmp_path / "absent"), "x.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=SOURCE)
    assert done.returncode == 1
    assert done.stderr.startswith("fma: error: ")
    assert done.stderr.count("\n") == 1
