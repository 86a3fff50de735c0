from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.audio.constants import SHAPE
from detune.collection.dataset import IndexRow, load_split, read_index
from detune.support.errors import UserError


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


def test_a_split_knows_labels_tracks_and_ranges(folders: tuple[Path, Path]) -> None:
    split = load_split(folders[1], "test")
    assert split.genres == ["blues", "rock"]
    assert list(split.labels) == [1, 1, 0]
    assert split.tracks == ["rock.0", "rock.0", "blues.1"]
    values = np.load(folders[1] / "test.npy", allow_pickle=False)
    assert np.array_equal(split.values, values)
    assert load_split(folders[1], "test", ["blues", "rock"]).genres == split.genres


def test_the_index_is_read_with_its_types(folders: tuple[Path, Path]) -> None:
    row = read_index(folders[1])[2]
    assert row == IndexRow("train", 2, "blues.2", "blues", 0, 1, 3.0, row.db_min, row.db_max)
    assert [type(value) for value in vars(row).values()] == [
        *(str, int, str, str, int, int, float, float, float)
    ]


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
