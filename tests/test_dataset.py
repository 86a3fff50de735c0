from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from detune.audio import SAMPLE_RATE, read_audio
from detune.dataset import (
    IndexRow,
    count_by_split,
    load_split,
    read_index,
    track_path,
    write_dataset,
)
from detune.errors import UserError
from detune.segments import SEGMENT_SAMPLES, SHAPE, mel_decibels
from detune.splits import SPLITS

ROWS = [
    {"genre": genre, "track": f"{genre}.{number}"}
    for genre in ("rock", "blues")
    for number in range(3)
]
OF_ROW = ["test", "train", "validation", "validation", "test", "train"]
SECONDS = [7.6, 3.0, 3.1, 6.0, 4.0, 9.2]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, tone: Any) -> tuple[Path, Path]:
    """The folder of six tracks' audio, and that of the segments cut from them, two a track."""
    audio, target = tmp_path_factory.mktemp("audio"), tmp_path_factory.mktemp("segments")
    for number, (row, seconds) in enumerate(zip(ROWS, SECONDS, strict=True)):
        path = track_path(audio, row)
        path.parent.mkdir(exist_ok=True)
        noise = 0.01 * np.random.default_rng(number).normal(size=round(seconds * SAMPLE_RATE))
        soundfile.write(path, tone(seconds, 300.0 + 90 * number) + noise, SAMPLE_RATE)
    write_dataset(ROWS, OF_ROW, audio, 2, target)
    return audio, target


@pytest.fixture
def copied(folders: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of the segments, to spoil."""
    for path in folders[1].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def error_of(*arguments: Any) -> str:
    with pytest.raises(UserError) as caught:
        load_split(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_folder_holds_an_array_a_split_and_the_index(folders: tuple[Path, Path]) -> None:
    names = sorted(path.name for path in folders[1].iterdir())
    assert names == ["index.csv", "test.npy", "train.npy", "validation.npy"]


def test_the_index_has_the_published_columns_and_a_line_a_segment(
    folders: tuple[Path, Path],
) -> None:
    lines = (folders[1] / "index.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "split,row,track,genre,label,segment,start_seconds,db_min,db_max"
    starts = [line.rsplit(",", 2)[0] for line in lines[1:]]
    assert starts == [
        "train,0,rock.1,rock,1,0,0.0",
        "train,1,blues.2,blues,0,0,0.0",
        "train,2,blues.2,blues,0,1,3.0",
        "validation,0,rock.2,rock,1,0,0.0",
        "validation,1,blues.0,blues,0,0,0.0",
        "validation,2,blues.0,blues,0,1,3.0",
        "test,0,rock.0,rock,1,0,0.0",
        "test,1,rock.0,rock,1,1,3.0",
        "test,2,blues.1,blues,0,0,0.0",
    ]


@pytest.mark.parametrize("split", SPLITS)
def test_arrays_are_float32_between_0_and_1_a_row_a_line_of_the_index(
    split: str, folders: tuple[Path, Path]
) -> None:
    values = np.load(folders[1] / f"{split}.npy", allow_pickle=False)
    rows = [row for row in read_index(folders[1]) if row.split == split]
    assert values.dtype == np.float32
    assert values.shape == (len(rows), *SHAPE)
    assert [row.row for row in rows] == list(range(len(rows)))
    assert values.min() == 0
    assert values.max() == 1


def test_the_index_turns_values_back_into_the_decibels_of_the_audio(
    folders: tuple[Path, Path],
) -> None:
    audio, target = folders
    for split in SPLITS:
        values = np.load(target / f"{split}.npy", allow_pickle=False)
        for row in (row for row in read_index(target) if row.split == split):
            samples = read_audio(track_path(audio, {"genre": row.genre, "track": row.track}))
            at = round(row.start_seconds * SAMPLE_RATE)
            expected = mel_decibels(samples[at : at + SEGMENT_SAMPLES])
            found = values[row.row] * (row.db_max - row.db_min) + row.db_min
            assert np.abs(found - expected).max() < 1e-3


def test_no_track_is_in_two_splits(folders: tuple[Path, Path]) -> None:
    found = {row.track: row.split for row in read_index(folders[1])}
    assert found == {row["track"]: split for row, split in zip(ROWS, OF_ROW, strict=True)}
    assert len({(row.track, row.split) for row in read_index(folders[1])}) == len(ROWS)


def test_writing_again_gives_the_same_bytes(folders: tuple[Path, Path], tmp_path: Path) -> None:
    written = write_dataset(ROWS, OF_ROW, folders[0], 2, tmp_path)
    assert len(written) == 9
    for path in folders[1].iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_a_failure_leaves_no_array_behind(folders: tuple[Path, Path], tmp_path: Path) -> None:
    spoilt = tmp_path / "audio"
    for row in ROWS:
        path = track_path(spoilt, row)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(track_path(folders[0], row).read_bytes())
    whole = track_path(spoilt, ROWS[-1]).read_bytes()
    track_path(spoilt, ROWS[-1]).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Exception, match="unreadable"):
        write_dataset(ROWS, OF_ROW, spoilt, 2, tmp_path / "segments")
    assert list((tmp_path / "segments").iterdir()) == []


def test_a_split_knows_labels_tracks_and_ranges(folders: tuple[Path, Path]) -> None:
    split = load_split(folders[1], "test")
    assert split.genres == ["blues", "rock"]
    assert list(split.labels) == [1, 1, 0]
    assert split.tracks == ["rock.0", "rock.0", "blues.1"]
    assert split.db_ranges == pytest.approx([row.db_max - row.db_min for row in split.index])
    assert (split.db_ranges > 10).all()
    values = np.load(folders[1] / "test.npy", allow_pickle=False)
    assert np.array_equal(split.values, values)
    assert load_split(folders[1], "test", ["blues", "rock"]).genres == split.genres


def test_the_index_is_read_with_its_types(folders: tuple[Path, Path]) -> None:
    row = read_index(folders[1])[2]
    assert row == IndexRow("train", 2, "blues.2", "blues", 0, 1, 3.0, row.db_min, row.db_max)
    assert [type(value) for value in vars(row).values()] == [
        *(str, int, str, str, int, int, float, float, float)
    ]


def test_counts_are_by_split(folders: tuple[Path, Path]) -> None:
    assert count_by_split(read_index(folders[1])) == {
        "tracks": {"train": 2, "validation": 2, "test": 2},
        "segments": {"train": 3, "validation": 3, "test": 3},
    }


def test_segments_that_are_not_there_are_told(tmp_path: Path) -> None:
    message = error_of(tmp_path, "test")
    assert message.startswith(f"{tmp_path / 'index.csv'}: no segments there")
    assert "dvc repro preprocess" in message


@pytest.mark.parametrize("shape", [(2, *SHAPE), (4, *SHAPE), (3, 128, 129), (3, *SHAPE, 1)])
def test_an_array_of_another_shape_is_told(shape: tuple[int, ...], copied: Path) -> None:
    np.save(copied / "test.npy", np.zeros(shape, np.float32))
    message = error_of(copied, "test")
    assert message.startswith(f"{copied / 'test.npy'}: shape {shape}, expected (3, 128, 130)")


@pytest.mark.parametrize("known", [["blues"], ["rock", "blues"], ["blues", "jazz"]])
def test_genres_that_the_model_does_not_know_are_told(
    known: list[str], folders: tuple[Path, Path]
) -> None:
    message = error_of(folders[1], "test", known)
    assert f"genres blues, rock, but the model knows {', '.join(known)}" in message


def test_pickled_arrays_are_not_read(copied: Path) -> None:
    np.save(copied / "test.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        load_split(copied, "test")
