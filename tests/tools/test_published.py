from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from detune.split.partition import load_partition
from detune.support.errors import UserError
from detune.tools.published import convert, main, track_name

SOURCE = Path(__file__).parents[2] / "src"


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


@pytest.mark.parametrize(
    ("entry", "track"),
    [
        ("blues/blues.00029.wav", "blues.00029"),
        ("./blues_00012.wav", "blues.00012"),
        ("genres/hiphop/hiphop.00001.AU", "hiphop.00001"),
        ("rock.00003", "rock.00003"),
        ("My Song (live).mp3", "My Song (live)"),
    ],
)
def test_entries_become_the_names_of_tracks(entry: str, track: str) -> None:
    assert track_name(entry) == track


def test_lists_become_a_partition(tmp_path: Path) -> None:
    train = write(tmp_path, "train.txt", "pop/pop.00000.wav\r\npop/pop.00001.wav\r\n\r\n")
    test = write(tmp_path, "test.txt", "./pop_00002.wav\t7\n./ska_00003.wav\t7\n")
    out = tmp_path / "deep" / "partition.csv"
    told = main(["--train", str(train), "--test", str(test), "--out", str(out)])
    assert told == f"{out}: train 2, test 2 tracks, 1 groups"
    found = load_partition(out)
    assert found.splits == {
        "pop.00000": "train",
        "pop.00001": "train",
        "pop.00002": "test",
        "ska.00003": "test",
    }
    assert found.groups == {"pop.00002": "7", "ska.00003": "7"}


def test_a_track_listed_twice_is_refused(tmp_path: Path) -> None:
    one = write(tmp_path, "one.txt", "pop/pop.00000.wav\n")
    other = write(tmp_path, "other.txt", "./pop_00000.wav\n")
    with pytest.raises(UserError, match=r"pop\.00000 is listed 2 times"):
        convert({"train": one, "test": other})


def test_lists_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is empty"):
        convert({"train": write(tmp_path, "empty.txt", "\n \n")})
    with pytest.raises(UserError, match="can't be read"):
        convert({"train": tmp_path / "absent.txt"})
    with pytest.raises(UserError, match="--train is missing"):
        main(["--test", "any.txt", "--out", "any.csv"])


def test_it_is_a_command_that_tells_a_mistake_in_a_line(tmp_path: Path) -> None:
    command = ["-m", "detune.tools.published", "--out", "x.csv"]
    command += ["--train", str(tmp_path / "absent")]
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, cwd=SOURCE
    )
    assert done.returncode == 1
    assert done.stderr.startswith("published: error: ")
    assert done.stderr.count("\n") == 1
