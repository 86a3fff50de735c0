"""A stage ends with the DVC that started it."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

SECONDS = 1.0
"""Between two looks."""

GENERATIONS = 4
"""How far up DVC may be: a shell and `env` can stand between."""

PROCESSES = Path("/proc")


def end_with_dvc(seconds: float = SECONDS) -> int | None:
    """End this process with SIGTERM once the DVC that started it is gone.

    Killed alone, DVC would leave the stage running, beside the next one.

    Args:
        seconds: between two looks.

    Returns:
        The process that is watched; None where no DVC is there, or nothing tells.
    """
    parent = find_dvc(os.getppid())
    if parent is not None:
        threading.Thread(target=_watch, args=(parent, seconds), daemon=True).start()
    return parent


def find_dvc(process: int) -> int | None:
    """The nearest of `process` and its ancestors that is DVC; None where there is none."""
    for _ in range(GENERATIONS):
        try:
            status = (PROCESSES / str(process) / "stat").read_text(encoding="utf-8")
        except OSError:
            return None
        if any(Path(word).name == "dvc" for word in command_of(process)):
            return process
        # The name before the state is in brackets, and may have brackets itself.
        process = int(status.rpartition(")")[2].split()[1])
    return None


def command_of(process: int) -> list[str]:
    """The words of the command that a process was started with; none if it is gone."""
    try:
        command = (PROCESSES / str(process) / "cmdline").read_bytes()
    except OSError:
        return []
    return [os.fsdecode(word) for word in command.split(b"\0") if word]


def _watch(process: int, seconds: float) -> None:
    """Look until `process` is gone, or a zombie, and end this one then."""
    while _lives(process):
        time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGTERM)


def _lives(process: int) -> bool:
    try:
        status = (PROCESSES / str(process) / "stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")
