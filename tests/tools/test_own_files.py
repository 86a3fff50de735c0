from __future__ import annotations

from pathlib import Path

import pytest

from detune.support.errors import UserError
from detune.tools.own_files import LOCK, RWLOCK, require_whole
from detune.tools.precheck import precheck

WHOLE = "schema: '2.0'\nstages:\n  split:\n    cmd: python stages/split.py\n    outs:\n"
OUT = "    - path: data/splits.csv\n      hash: md5\n      md5: 0a1b\n      size: 5\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project in which DVC has run."""
    monkeypatch.chdir(tmp_path)
    RWLOCK.parent.mkdir(parents=True)
    LOCK.write_text(WHOLE + OUT)
    RWLOCK.write_text("{}")


def test_whole_files_and_no_files_are_in_order() -> None:
    require_whole()
    LOCK.unlink()
    RWLOCK.unlink()
    require_whole()


@pytest.mark.parametrize("left", ["", "schema: '2.", "schema: '2.0'\nstages:\n  split:\n", WHOLE])
def test_a_lock_file_that_is_cut_off_is_named_before_dvc_reads_it(left: str) -> None:
    LOCK.write_text(left)
    Path("params.yaml").write_text("data: {}\n")
    with pytest.raises(UserError, match=r"^dvc.lock: damaged, as where .*: remove it, and `dvc re"):
        precheck()


@pytest.mark.parametrize("left", ["", '{"write": {"data/mo'])
def test_a_list_of_files_in_use_that_is_cut_off_is_named(left: str) -> None:
    RWLOCK.write_text(left)
    with pytest.raises(UserError, match=r"rwlock: damaged, .*: remove it, once no other DVC runs"):
        require_whole()
