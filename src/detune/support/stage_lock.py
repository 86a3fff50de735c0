"""One process at a time runs a stage in a workspace."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from detune.support.errors import UserError

FOLDER = Path(".dvc/tmp")
"""Of DVC's own locks; each workspace has one."""


@contextmanager
def stage_lock(name: str, arguments: Sequence[str] = ()) -> Iterator[None]:
    """Hold the lock of a stage, or of one of its cells.

    The system lets go of it when its process ends, however that is.

    Args:
        name: of the stage.
        arguments: that name the cell.

    Raises:
        UserError: another process holds it.
    """
    if not FOLDER.parent.is_dir():
        yield
        return
    FOLDER.mkdir(exist_ok=True)
    cell = "-".join([name, *(argument.replace(os.sep, "_") for argument in arguments)])
    lock, holder = FileLock(FOLDER / f"{cell}.lock"), FOLDER / f"{cell}.pid"
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        process = holder.read_text(encoding="utf-8") if holder.is_file() else "?"
        raise UserError(
            f"process {process} runs this stage here already: let it finish, or end it with "
            f"`kill {process}`"
        ) from error
    try:
        holder.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
