from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from dvc_data.index import DataIndexDirError

from detune.collection.dataset import load_split
from detune.network.model_file import save_model
from detune.support.errors import UserError
from detune.support.files import write_npz
from detune.transfer.sources import read_source


@pytest.fixture
def revision(folders: tuple[Path, Path], tmp_path: Path) -> Any:
    """A revision whose files lie in a folder."""
    root = tmp_path / "revision"
    shutil.copytree(folders[1], root / "data/segments")
    keras = pytest.importorskip("keras")
    inputs = keras.Input((128, 130, 1))
    logits = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(inputs))
    save_model(keras.Model(inputs, logits), ["blues", "rock"], root / "data/model")
    examples = np.full((2, 128, 130), 0.5, np.float32)
    cell = root / "data/attacks/pgd-0.02.npz"
    write_npz(cell, example_rows=np.array([2, 0]), examples=examples)
    return SimpleNamespace(
        name="main", files=SimpleNamespace(get_file=lambda path, to: shutil.copy(root / path, to))
    )


def test_attacked_segments_come_with_their_clean_ones_and_songs(
    revision: Any, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    source = read_source(revision, "pgd", "0.02", tmp_path / "scratch")
    test = load_split(folders[1], "test")
    np.testing.assert_array_equal(source.clean, test.values[[2, 0]])
    assert source.labels.tolist() == test.labels[[2, 0]].tolist()
    assert source.tracks == [test.tracks[2], test.tracks[0]]
    assert not source.learned & set(test.tracks)
    assert len(source.learned) == 4
    assert (source.name, source.genres) == ("main", ["blues", "rock"])


def test_a_cell_that_is_not_there_is_named_with_the_remedy(revision: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"main: no data/attacks/pgd-0.05.npz: attack that epsilon"):
        read_source(revision, "pgd", "0.05", tmp_path / "scratch")


def test_a_revision_whose_files_are_in_no_cache_is_named(tmp_path: Path) -> None:
    def missing(path: str, _: str) -> None:
        raise DataIndexDirError(f"failed to load directory of {path}")

    revision: Any = SimpleNamespace(name="main", files=SimpleNamespace(get_file=missing))
    with pytest.raises(UserError, match=r"main: no data/model/cnn\.keras: .*dvc fetch"):
        read_source(revision, "pgd", "0.02", tmp_path)
