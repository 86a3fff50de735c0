"""What a worker of a Dask cluster does with an item: it lets a process of its own compute it.

A worker's threads share one process, which a crash would end and a hanging item would hold. So each
thread has a process beside the worker, one for all items of a call, with which it does what a stage
does with those on its own machine.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
import time
from collections import defaultdict
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from detune.support.cluster.messages import (
    DONE,
    KILLED,
    LOST,
    PROTOCOL,
    REFUSED,
    Answer,
    Call,
)
from detune.support.item_process import EndedOutsideError, ItemProcess, Lost, Raised, wait_for

START_SECONDS = 600.0
"""How long a process may take to import what it needs, from a slow disk of a busy machine."""

SEEN_SECONDS = 5.0
"""How long a new file may take to be seen through a network's file system."""


ONE_THREAD = dict.fromkeys(
    ("DETUNE_CORES", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)
"""Variables by which a process and its TensorFlow keep to one core, as there is one for each."""

CLUSTER = {"DASK_SCHEDULER_ADDRESS"}
"""Variables that such a process does not get."""


class RefusedError(Exception):
    """This machine can't compute items of the call; the message says why."""


_idle: dict[Call, list[ItemProcess]] = defaultdict(list)
_guard = threading.Lock()


def compute(call: Call, item: bytes) -> Answer:
    """Compute a pickled item in a process of this thread."""
    try:
        kind, content = _compute(call, item)
    except EndedOutsideError as error:
        kind, content = KILLED, f"was ended from outside (status {error.status})"
    except RefusedError as error:
        kind, content = REFUSED, str(error)
    return Answer(kind, content, platform.node())


def _compute(call: Call, item: bytes) -> tuple[str, Any]:
    """The kind and the content of the answer.

    Raises:
        EndedOutsideError: the process was ended by something else.
        RefusedError: there can't be a process here.
    """
    if call.protocol != PROTOCOL:
        raise RefusedError("was started with another version of the project: start it again")
    process = _take(call)
    try:
        outcome = _outcome(process, item)
    except BaseException:
        process.stop()
        raise
    with _guard:
        _idle[call].append(process)
    if isinstance(outcome, Lost):
        return LOST, outcome.reason
    if isinstance(outcome, Raised):  # only one of memory gets here as an exception
        return KILLED, "ran out of memory"
    return DONE, outcome


def _take(call: Call) -> ItemProcess:
    """An idle process of the call that lives, or a new one; those that ended are put away."""
    with _guard:
        for processes in _idle.values():
            for process in [*processes]:
                if process.process.exitcode is not None:
                    processes.remove(process)
                    process.stop()
        for other in [other for other, processes in _idle.items() if not processes]:
            del _idle[other]
        if _idle[call]:
            return _idle[call].pop()
    return ItemProcess(lambda: _launch(call), call.seconds)


def _outcome(process: ItemProcess, item: bytes) -> Any:
    """What the process makes of the item: bytes, `Lost` or `Raised`."""
    outcomes: dict[int, Any] = {}
    process.start_item(0, item)
    while not outcomes:
        wait_for([process])
        process.collect(outcomes)
    return outcomes[0]


class _Child:
    """A process that is no child of `multiprocessing`, which grants a Dask worker none."""

    def __init__(self, call: Call, descriptor: int) -> None:
        path = [*call.imports, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "detune.support.cluster.process", str(descriptor), call.file],
            cwd=call.folder,
            env=_environment() | {"PYTHONPATH": os.pathsep.join(path)},
            pass_fds=[descriptor],
            stdin=subprocess.PIPE,  # kept open: it ends with this process
        )
        # Whenever it ends, by itself too, the system may forget it.
        threading.Thread(target=self._popen.wait, daemon=True).start()

    @property
    def exitcode(self) -> int | None:
        return self._popen.poll()

    def kill(self) -> None:
        self._popen.kill()

    def join(self) -> None:
        self._popen.wait()
        if self._popen.stdin:
            self._popen.stdin.close()


def _environment() -> dict[str, str]:
    """For a process of one thread, which gives nothing to the cluster that waits for it."""
    return {name: value for name, value in os.environ.items() if name not in CLUSTER} | ONE_THREAD


def _launch(call: Call) -> tuple[Connection, _Child]:
    """Start a process for the call, and wait until it has loaded the function.

    Raises:
        RefusedError: it can't.
    """
    _require_seen(Path(call.file), call.folder)
    connection, other = Pipe()
    child = _Child(call, other.fileno())
    other.close()
    try:
        fault = connection.recv() if connection.poll(START_SECONDS) else "takes too long to start"
    except EOFError:
        child.join()
        fault = f"can't start a process (status {child.exitcode}): its log may say why"
    if fault:
        child.kill()
        child.join()
        connection.close()
        raise RefusedError(fault)
    return connection, child


def _require_seen(file: Path, folder: str) -> None:
    """Refuse where the stage's folder is not this machine's folder of that name, too."""
    end = time.monotonic() + SEEN_SECONDS
    while not file.is_file():
        if time.monotonic() > end:
            raise RefusedError(f"does not see {folder}, or not the same folder")
        time.sleep(0.2)
