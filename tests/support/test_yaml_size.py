from __future__ import annotations

import os
from pathlib import Path

import pytest

from detune.support.errors import UserError
from detune.support.yaml_size import LARGEST_BYTES, require_small_yaml

ROOT = Path(__file__).parents[2]
BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize("name", ["params.yaml", "data/embedded.yaml", "data/cue.yaml"])
def test_the_files_of_the_project_are_small(name: str) -> None:
    require_small_yaml(ROOT / name)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "alias"),
        ("a: &a [1, *a]\n", "alias"),
        ("[" * 100_000, "deep"),
        ("a: [" + "1, " * 30_000 + "1]", "more than 20000 values"),
        ("# \n" * LARGEST_BYTES, f"more than {LARGEST_BYTES}"),
    ],
)
def test_a_bomb_is_a_line(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(content)
    with pytest.raises(UserError, match=words) as caught:
        require_small_yaml(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "params.yaml")
    with pytest.raises(UserError, match="no file"):
        require_small_yaml(tmp_path / "params.yaml")


@pytest.mark.parametrize("content", ["", "a: [", "a: &a 1\nb: *a\n", "a: \x00"])
def test_what_its_reader_judges_passes(tmp_path: Path, content: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(content)
    require_small_yaml(path)
    require_small_yaml(tmp_path / "absent.yaml")
