from __future__ import annotations

from multiprocessing import get_start_method
from pathlib import Path

import numpy as np
import pytest
import soundfile

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES, SHAPE
from detune.audio.mel import mel_decibels
from detune.audio.reading import read_audio
from detune.audio.segments import cut_segments
from detune.collection.dataset import read_index
from detune.collection.split_table import SPLITS
from detune.collection.tracks import track_path
from detune.preprocess.preprocessing import write_dataset
from detune.support.errors import UserError
from tests.full_disk import fill
from tests.preprocessed import ROWS


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
            samples = read_audio(track_path(audio, row.genre, row.track))
            at = round(row.start_seconds * SAMPLE_RATE)
            expected = mel_decibels(samples[at : at + SEGMENT_SAMPLES])
            found = values[row.row] * (row.db_max - row.db_min) + row.db_min
            assert np.abs(found - expected).max() < 1e-3


def test_no_track_is_in_two_splits(folders: tuple[Path, Path]) -> None:
    found = {row.track: row.split for row in read_index(folders[1])}
    assert found == {row.track: row.split for row in ROWS}
    assert len({(row.track, row.split) for row in read_index(folders[1])}) == len(ROWS)


def test_writing_again_gives_the_same_bytes(folders: tuple[Path, Path], tmp_path: Path) -> None:
    written = write_dataset(ROWS, folders[0], 2, tmp_path)
    assert len(written) == 9
    for path in folders[1].iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_a_failure_leaves_no_array_behind(folders: tuple[Path, Path], tmp_path: Path) -> None:
    spoilt = tmp_path / "audio"
    for row in ROWS:
        path = track_path(spoilt, row.genre, row.track)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(track_path(folders[0], row.genre, row.track).read_bytes())
    last = track_path(spoilt, ROWS[-1].genre, ROWS[-1].track)
    last.write_bytes(last.read_bytes()[: last.stat().st_size // 2])
    with pytest.raises(UserError) as caught:
        write_dataset(ROWS, spoilt, 2, tmp_path / "segments")
    assert str(caught.value).startswith(f"{last}: unreadable: store it again with `dvc repro")
    assert list((tmp_path / "segments").iterdir()) == []


def test_a_track_with_less_in_it_than_its_header_says_is_told(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    row = ROWS[-1]
    path = track_path(tmp_path, row.genre, row.track)
    path.parent.mkdir()
    content = bytearray(track_path(folders[0], row.genre, row.track).read_bytes())
    samples = int.from_bytes(content[22:26], "big")
    assert samples == soundfile.info(track_path(folders[0], row.genre, row.track)).frames
    content[22:26] = (samples + SEGMENT_SAMPLES).to_bytes(4, "big")
    path.write_bytes(content)
    with pytest.raises(UserError, match="unreadable"):
        write_dataset([row], tmp_path, 10, tmp_path / "segments")
    assert list((tmp_path / "segments").iterdir()) == []


def test_a_missing_track_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"rock\.0\.flac: unreadable"):
        write_dataset(ROWS, tmp_path / "nowhere", 2, tmp_path / "segments")
    assert not (tmp_path / "segments").exists()


@pytest.mark.skipif(get_start_method() != "fork", reason="the patch must reach the workers")
def test_a_full_disk_is_an_error_and_the_earlier_arrays_stay(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train.npy").write_text("earlier")
    fill(monkeypatch, ".train.writing.npy", 100_000)
    with pytest.raises(OSError, match="No space left"):
        write_dataset(ROWS, folders[0], 2, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["train.npy"]
    assert (tmp_path / "train.npy").read_text() == "earlier"


def test_of_a_long_track_only_what_the_segments_take_is_read(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    """The rest of the file may even be lost."""
    path = track_path(tmp_path, "rock", "rock.0")
    path.parent.mkdir()
    noise = np.random.default_rng(0).normal(size=20 * SEGMENT_SAMPLES)
    soundfile.write(path, 0.1 * noise, SAMPLE_RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    write_dataset(ROWS[:1], tmp_path, 3, tmp_path / "segments")
    values = np.load(tmp_path / "segments" / "test.npy", allow_pickle=False)
    audio, _ = soundfile.read(path, frames=3 * SEGMENT_SAMPLES, dtype="float32")
    assert np.abs(values - cut_segments(audio, 3).values).max() < 1e-5
