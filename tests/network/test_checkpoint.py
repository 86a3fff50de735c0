from __future__ import annotations

from pathlib import Path
from shutil import copytree, ignore_patterns

import numpy as np
import pytest

from detune.network import checkpoint
from detune.network.checkpoint import Checkpoint, digest, made_by
from detune.support import import_closure as closure_module

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


def test_the_code_of_a_result_is_all_that_its_modules_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "detune"
    copytree(closure_module.LIBRARY, library, ignore=ignore_patterns("__pycache__"))
    monkeypatch.setattr(closure_module, "LIBRARY", library)
    monkeypatch.setattr(checkpoint, "LIBRARY", library)
    before = made_by(["detune.train.fit"])
    for name, counts in {
        "train/fused_batch_norm.py": True,  # imported by what it imports
        "network/precision.py": True,
        "corpus/styles.py": False,
        "support/files.py": False,
        "params/sections.py": False,
    }.items():
        code = (library / name).read_bytes()
        (library / name).write_bytes(code + b"# changed\n")
        assert (made_by(["detune.train.fit"]) != before) == counts, name
        (library / name).write_bytes(code)
    assert made_by(["detune.train.fit"]) == before
