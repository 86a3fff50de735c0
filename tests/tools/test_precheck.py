from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from detune.support.errors import UserError
from detune.tools.precheck import precheck

ROOT = Path(__file__).parents[2]
TELLS = "data:\n  path: {path}\n  partition: {partition}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a pipe, and music with another one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "music").mkdir()
    (tmp_path / "sound").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    os.mkfifo(tmp_path / "music/a.wav")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "partition", "told"),
    [
        ("music", "none.csv", "data.path: music/a.wav is a named pipe"),
        ("pipe.csv", "none.csv", "data.path: pipe.csv is a named pipe"),
        ("/dev/zero", "none.csv", "data.path: /dev/zero is a device: give"),
        ("sound", "pipe.csv", "data.partition: pipe.csv is a named pipe"),
    ],
)
def test_what_dvc_would_wait_for_is_named(
    folder: Path, path: str, partition: str, told: str
) -> None:
    (folder / "params.yaml").write_text(TELLS.format(path=path, partition=partition))
    with pytest.raises(UserError) as caught:
        precheck()
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[",
        "data:",
        "data: {path: 3, partition: [1]}",
        TELLS.format(path="sound", partition="x"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_others_judge_passes(content: str) -> None:
    Path("params.yaml").write_text(content)
    precheck()


def test_a_bomb_is_one_line(folder: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]" for n in range(1, 10)]
    (folder / "params.yaml").write_text("\n".join(lines))
    command = [sys.executable, "-m", "detune.tools.precheck"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("repro: error: params.yaml: with each alias written out")


def test_a_table_of_labels_that_is_a_pipe_is_named(folder: Path) -> None:
    text = TELLS.format(path="sound", partition="none.csv") + "  labels: pipe.csv\n"
    (folder / "params.yaml").write_text(text)
    with pytest.raises(UserError, match=r"data\.labels: pipe\.csv is a named pipe"):
        precheck()
