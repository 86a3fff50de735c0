"""Which cells of a matrix DVC would run now, and what they depend on: DVC itself is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo
from dvc.stage.cache import RunCacheNotFoundError
from dvc_data.hashfile.hash_info import HashInfo

from detune.support.cell_store import Matrix

SETTINGS = ("dvc.yaml", "params.yaml")
"""What a cell depends on beside the `deps` in dvc.yaml."""


NOTHING = Matrix((), frozenset())


def stale_cells(stage: str, own: Sequence[str], command: Sequence[str]) -> Matrix:
    """Ask DVC. Where it does not answer, or runs a command that names cells, none is stale.

    Args:
        stage: the name of the matrix.
        own: the arguments of the cell that DVC runs now.
        command: the words of DVC's command.
    """
    if any("@" in word for word in command):
        return NOTHING
    allow_missing = "--allow-missing" in command
    try:
        with Repo() as repo, repo.lock:
            cells = [one for one in repo.stage.collect(stage) if _arguments(one) != tuple(own)]
            stale = tuple(_arguments(one) for one in cells if _would_run(repo, one, allow_missing))
            inputs = {dep.def_path for one in cells for dep in one.deps}
    except (DvcException, sqlite3.Error):
        return NOTHING  # as when another command holds DVC's lock, or the disk is full
    return Matrix(stale, frozenset(inputs) | set(SETTINGS))


def _would_run(repo: Repo, stage: Any, allow_missing: bool) -> bool:
    """Whether a cell is neither up to date nor in DVC's cache of runs."""
    if not stage.changed(allow_missing=allow_missing):
        return False
    if stage.changed_deps(allow_missing=allow_missing):
        # As DVC does, look for a run of the present inputs, not for that of the lock file.
        stage.save_deps()
        for out in stage.outs:
            out.hash_info = HashInfo()
    try:
        repo.stage_cache.restore(stage, dry=True)
    except RunCacheNotFoundError:
        return True
    return False


def _arguments(stage: Any) -> tuple[str, ...]:
    """What follows the script in the command of a cell."""
    words = str(stage.cmd).split()
    script = next(at for at, word in enumerate(words) if word.endswith(".py"))
    return tuple(words[script + 1 :])
