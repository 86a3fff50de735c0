from __future__ import annotations

import errno
import hashlib
import json
import math
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.support.errors import UserError
from detune.support.files import (
    read_csv,
    read_json,
    read_npz,
    replacing,
    sha256,
    write_csv,
    write_json,
    write_npz,
)

ROOT = Path(__file__).parents[2]
PATTERN = ".*.writing.*"

FINITE = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"))
SCALARS = st.none() | st.booleans() | st.integers() | FINITE | TEXT
NESTED = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=12
)


def six_digits(value: Any) -> Any:
    """What should be found again: every float to six significant digits, all else the same."""
    if isinstance(value, dict):
        return {key: six_digits(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [six_digits(entry) for entry in value]
    if isinstance(value, float) and value != 0:
        return float(f"{value:.5e}")
    return value


@given(content=st.dictionaries(TEXT, NESTED, max_size=5))
def test_json_comes_back_with_floats_to_six_digits(
    content: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("json") / "content.json"
    write_json(path, content)
    found = read_json(path)
    assert found == six_digits(content)
    earlier = path.read_bytes()
    write_json(path, found)
    assert path.read_bytes() == earlier


@given(values=st.lists(FINITE, min_size=1))
def test_six_digits_are_as_near_as_six_digits_can_be(
    values: list[float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("json") / "values.json"
    write_json(path, {"values": values})
    for found, value in zip(read_json(path)["values"], values, strict=True):
        assert math.isclose(found, value, rel_tol=5.001e-6, abs_tol=1e-300)


def test_numpy_scalars_become_plain_numbers(tmp_path: Path) -> None:
    path = tmp_path / "scalars.json"
    content = {
        "float32": np.float32(0.1),
        "float64": np.float64(1 / 3),
        "whole": np.int64(7),
        "flag": np.bool_(True),
        "tuple": (np.float32(0.5), 1),
    }
    write_json(path, content)
    assert read_json(path) == {
        "float32": 0.1,
        "float64": 0.333333,
        "whole": 7,
        "flag": True,
        "tuple": [0.5, 1],
    }


def test_json_ends_in_a_line_break_and_has_a_line_a_key(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    write_json(path, {"b": 1, "a": 2})
    assert path.read_text(encoding="utf-8") == '{\n  "b": 1,\n  "a": 2\n}\n'


@given(rows=st.lists(st.fixed_dictionaries({"name": TEXT, "note": TEXT}), max_size=6))
def test_csv_comes_back_whatever_the_text(
    rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    write_csv(path, ("name", "note"), rows)
    assert read_csv(path) == rows


def test_csv_has_the_columns_in_order_and_floats_to_six_digits(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [{"b": np.float32(0.1), "a": 1 / 3}, {"b": 12345678.9, "a": np.int64(3)}]
    write_csv(path, ("a", "b"), iter(rows))
    assert path.read_bytes() == b"a,b\n0.333333,0.1\n3,12345700.0\n"


def test_csv_refuses_a_column_that_is_not_declared(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="surprise"):
        write_csv(tmp_path / "rows.csv", ("a",), [{"a": 1, "surprise": 2}])
    assert list(tmp_path.iterdir()) == []


def test_arrays_come_back_with_type_and_shape_and_the_same_bytes(tmp_path: Path) -> None:
    arrays = {
        "row": np.arange(5),
        "values": np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4),
        "kind": np.array(["correct", "pgd"]),
        "none": np.empty((0, 3), dtype=np.float32),
        "scalar": np.asarray(0.25),
    }
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    write_npz(first, **arrays)
    write_npz(second, **arrays)
    assert first.read_bytes() == second.read_bytes()
    assert list(read_npz(first, without=("kind", "absent"))) == ["row", "values", "none", "scalar"]
    found = read_npz(first)
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)


def test_missing_arrays_are_told_in_one_line_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_npz(tmp_path / "absent.npz")
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'absent.npz'}: not found")
    assert "dvc repro" in message
    assert "\n" not in message


def test_arrays_of_objects_are_not_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "objects.npz", values=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        read_npz(tmp_path / "objects.npz")


def failing_json(path: Path) -> None:
    write_json(path, {"fine": 1, "not json": object()})


def failing_csv(path: Path) -> None:
    write_csv(path, ("a",), ({"a": 1 // (2 - n)} for n in range(5)))


def failing_array(path: Path) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(b"half of it")
        raise OSError("disk full")


@pytest.mark.parametrize("write", [failing_json, failing_csv, failing_array])
@pytest.mark.parametrize("existed", [True, False])
def test_a_failing_writer_leaves_what_was_there_and_nothing_else(
    write: Any, existed: bool, tmp_path: Path
) -> None:
    path = tmp_path / "figures.json"
    if existed:
        path.write_text("earlier", encoding="utf-8")
    with pytest.raises((TypeError, ZeroDivisionError, OSError)):
        write(path)
    assert [entry.name for entry in tmp_path.iterdir()] == (["figures.json"] if existed else [])
    if existed:
        assert path.read_text(encoding="utf-8") == "earlier"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_with_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    with pytest.raises(OSError, match="No space left") as caught, replacing(path) as temporary:
        with Path("/dev/full").open("w") as stream:
            stream.write("figures")
        temporary.touch()
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_missing_keeps_its_own_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, replacing(tmp_path / "figures.json"):
        (tmp_path / "source.json").read_text()
    assert caught.value.filename == str(tmp_path / "source.json")


def test_the_earlier_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "values.npy"
    with replacing(path) as temporary:
        temporary.write_text("one", encoding="utf-8")
        assert not path.exists()
    with replacing(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary.suffix == ".npy"
        temporary.write_text("two", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "one"
    assert path.read_text(encoding="utf-8") == "two"
    assert list(path.parent.iterdir()) == [path]


KILLED = """
import os, signal, sys
from pathlib import Path
from detune.support.files import replacing

with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half of it, and long")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_leaves_is_ignored_and_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "fgsm-0.01.npz"
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
        assert done.returncode == -signal.SIGKILL
        (left,) = tmp_path.iterdir()
        assert left.match(PATTERN)
    with replacing(path) as temporary:
        temporary.write_text("whole")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "whole"


@pytest.mark.parametrize("ignore", [".gitignore", ".dvcignore"])
def test_neither_git_nor_dvc_sees_what_a_killed_writer_leaves(ignore: str) -> None:
    assert PATTERN in (ROOT / ignore).read_text().splitlines()


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_the_hash_is_that_of_the_whole_file(size: int, tmp_path: Path) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    path = tmp_path / "file"
    path.write_bytes(content[:size])
    assert sha256(path) == hashlib.sha256(content[:size]).hexdigest()


def test_text_is_utf_8_in_json(tmp_path: Path) -> None:
    path = tmp_path / "text.json"
    write_json(path, {"genre": "Björk und ✓"})
    assert json.loads(path.read_bytes().decode("utf-8")) == {"genre": "Björk und ✓"}


def test_a_figure_that_is_not_a_number_is_null(tmp_path: Path) -> None:
    write_json(tmp_path / "diverged.json", {"loss": float("nan"), "bound": float("inf")})
    assert json.loads((tmp_path / "diverged.json").read_text()) == {"loss": None, "bound": None}
