from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detune.checkpoint import Checkpoint, digest, made_by
from detune.gradcam import memory
from detune.train import training
from tests.imports import LIBRARY, all_imports

ARRAYS = {"weights": np.arange(6.0).reshape(2, 3), "course": np.asarray("{}")}


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "new" / "checkpoint.npz", "key")
    assert checkpoint.load() is None
    checkpoint.save(ARRAYS)
    found = checkpoint.load()
    assert found is not None
    assert found.keys() == ARRAYS.keys()
    assert all(np.array_equal(found[name], ARRAYS[name]) for name in ARRAYS)
    checkpoint.remove()
    assert checkpoint.load() is None
    checkpoint.remove()


def test_another_key_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    Checkpoint(path, "key").save(ARRAYS)
    assert Checkpoint(path, "another").load() is None
    assert Checkpoint(path, "key").load() is not None


@pytest.mark.parametrize("kept", [0, 10, 300])
def test_a_broken_file_is_none(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    Checkpoint(path, "key").save(ARRAYS)
    path.write_bytes(path.read_bytes()[:kept])
    assert Checkpoint(path, "key").load() is None


def test_a_write_that_fails_leaves_the_earlier_one(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "key")
    checkpoint.save(ARRAYS)

    class Unwritable:
        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        checkpoint.save({"weights": Unwritable()})  # type: ignore[dict-item]
    found = checkpoint.load()
    assert found is not None
    assert np.array_equal(found["weights"], ARRAYS["weights"])
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_a_digest_tells_everything_apart() -> None:
    values = np.arange(6, dtype=np.float32)
    different = [
        [values],
        [values.astype(np.float64)],
        [values.reshape(2, 3)],
        [values[::-1]],
        [values, b""],
        [values, "a", "b"],
        [values, "ab"],
        [values, "ab", ""],
    ]
    found = [digest(parts) for parts in different]
    assert len(set(found)) == len(different)
    assert digest([values, b"ab"]) == digest([values.copy(), "ab"])


# How results are kept, told and checked, what the data are that a key holds anyway, and names.
NO_RESULT = {
    *("checkpoint", "errors", "files", "ingest/audio", "parallel", "params", "progress"),
    *("preprocess/segments", "attack/early_stopping", "gradcam/attention", "gradcam/heatmap_cache"),
}


@pytest.mark.parametrize(
    ("start", "code", "beyond"),
    [
        ("train/training", training.CODE, set()),
        # What the weights of a loaded model mean is told by the network that was trained.
        ("gradcam/gradcam", memory.CODE, {"train/network"}),
    ],
)
def test_all_code_that_shapes_a_result_is_named(
    start: str, code: tuple[str, ...], beyond: set[str]
) -> None:
    files = all_imports([LIBRARY / f"{start}.py"])
    found = {path.relative_to(LIBRARY).with_suffix("").as_posix() for path in files} - NO_RESULT
    assert set(code) == found | beyond


def test_other_code_makes_other_results() -> None:
    assert made_by(["noise"]) == made_by(["noise"])
    assert made_by(["noise"]) != made_by(["noise", "scores"])
