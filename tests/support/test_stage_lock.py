from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from detune.support.errors import UserError
from detune.support.stage_lock import FOLDER, stage_lock

OTHER = "from detune.support.stage_lock import stage_lock\nwith stage_lock({}): print('runs')"


def other(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Another process that takes the lock."""
    listed = ", ".join(map(repr, arguments))
    command = [sys.executable, "-c", OTHER.format(listed)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_second_process_is_told_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".dvc").mkdir()
    with stage_lock("attack", ["pgd", "0.1"]):
        refused = other("attack", ["pgd", "0.1"])
        assert f"process {os.getpid()} runs this stage here already" in refused.stderr
        assert f"`kill {os.getpid()}`" in refused.stderr
        assert other("attack", ["pgd", "8/255"]).stdout == "runs\n"
    assert other("attack", ["pgd", "0.1"]).stdout == "runs\n"


def test_a_lock_is_let_go_of_after_an_error_and_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".dvc").mkdir()
    killed = OTHER.format("'train'").replace("print('runs')", "__import__('os').kill(0, 9)")
    subprocess.run([sys.executable, "-c", killed], check=False, start_new_session=True)
    assert (FOLDER / "train.pid").is_file()
    with pytest.raises(UserError, match="mistake"), stage_lock("train"):
        raise UserError("mistake")
    assert other("train").stdout == "runs\n"


def test_outside_of_a_repository_nothing_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with stage_lock("train"):
        assert list(tmp_path.iterdir()) == []
