"""A process that computes one item at a time, and is replaced when it crashes or hangs."""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from threadpoolctl import threadpool_limits

from detune.support.errors import UserError

FAULTS = {signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL} | {
    getattr(signal, "SIGBUS", signal.SIGSEGV)
}
"""Signals by which a process ends through its own fault."""

LOOK_SECONDS = 1.0
"""How long to wait at a time; a wait that lasts longer was stopped meanwhile."""


@dataclass(frozen=True)
class Lost:
    """An item whose process crashed or took too long; the reason says which."""

    reason: str


@dataclass(frozen=True)
class Raised:
    """An exception of the function, and its traceback as text."""

    error: Exception
    trace: str

    def again(self) -> Exception:
        """The exception, to be raised where the result is asked for."""
        self.error.__cause__ = RuntimeError(self.trace)
        return self.error


class EndedOutsideError(UserError):
    """A process was ended by something else, as by a system that runs out of memory."""

    def __init__(self, status: int) -> None:
        super().__init__(
            f"a worker process was ended from outside (status {status}): free memory and start "
            "again"
        )
        self.status = status


class Process(Protocol):
    """What an `ItemProcess` asks of a process; those of `multiprocessing` have it."""

    @property
    def exitcode(self) -> int | None:
        """Its exit status, the signal below zero."""

    def kill(self) -> None:
        """End it, whatever it is doing."""

    def join(self) -> None:
        """Wait for its end."""


@dataclass
class ItemProcess:
    """A process that computes one item at a time, and is replaced when it is lost.

    Attributes:
        launch: starts a process that runs `answer_items`; returns the way to it, and it.
        seconds: how long an item may take before it is `Lost`.
        index: of the item in work; None while there is none.
        deadline: when that item has taken too long, of `time.monotonic`.
    """

    launch: Callable[[], tuple[Connection, Process]]
    seconds: float
    index: int | None = None
    item: Any = None
    deadline: float = 0.0
    used: bool = False
    connection: Connection = field(init=False)
    process: Process = field(init=False)

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.connection, self.process = self.launch()
        self.used = False

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def start_item(self, index: int, item: Any) -> None:
        """Let the process compute an item."""
        self.index, self.item, self.deadline = index, item, time.monotonic() + self.seconds
        with suppress(BrokenPipeError):  # the process has ended: `collect` notices
            self.connection.send(item)

    def collect(self, outcomes: dict[int, Any]) -> None:
        """Store the outcome of the item under its index, if there is one yet.

        Raises:
            EndedOutsideError: the process was killed, and not for a fault of its own.
        """
        assert self.index is not None
        try:
            if self.connection.poll():
                outcomes[self.index] = self.connection.recv()
                self.used = True
            elif time.monotonic() >= self.deadline:
                self._renew()
                outcomes[self.index] = Lost(f"takes more than {self.seconds:g} s")
            else:
                return
        except (EOFError, ConnectionResetError):
            crash, used = self._crash(), self.used
            self._renew()
            if used:  # an earlier item may have left the process broken: once more, in a new one
                return self.start_item(self.index, self.item)
            outcomes[self.index] = crash
        self.index = None

    def _crash(self) -> Lost:
        """How the process ended, if that was its own fault."""
        self.process.join()
        code = self.process.exitcode or 0
        if -code not in FAULTS:
            raise EndedOutsideError(code)
        return Lost(f"crashes its process ({signal.Signals(-code).name})")

    def _renew(self) -> None:
        """Put another process in the place of this one."""
        self.stop()
        self._start()


def wait_for(processes: Iterable[ItemProcess]) -> None:
    """Wait until one of the processes has an outcome or runs out of time, or for a second.

    Time in which this process was stopped, and those with it, as by Ctrl-Z, is no item's.
    """
    waiting, begun = [*processes], time.monotonic()
    left = max(0.0, min(LOOK_SECONDS, *(process.deadline - begun for process in waiting)))
    wait([process.connection for process in waiting], left)
    late = time.monotonic() - begun - left
    for process in waiting:
        process.deadline += max(0.0, late)


def answer_items(
    connection: Connection,
    function: Callable[[Any], Any],
    wait_for_end: Callable[[], Any],
    idle_seconds: float | None = None,
) -> None:
    """Answer each item with a result, or with an error and its traceback: what the process does.

    It uses one thread, as there is a process for each core, and ends with the one it works for.

    Args:
        connection: where items come from and answers go.
        function: of an item.
        wait_for_end: returns when the process that this one works for has ended.
        idle_seconds: how long to wait for an item; None for as long as that process lives.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops its workers itself
    threadpool_limits(1)
    threading.Thread(target=_end_after, args=(wait_for_end,), daemon=True).start()
    with suppress(EOFError):
        while connection.poll(idle_seconds):
            item = connection.recv()
            try:
                connection.send(function(item))
            except Exception as error:
                connection.send(Raised(error, traceback.format_exc()))


def _end_after(wait_for_end: Callable[[], Any]) -> None:
    """End this process as soon as the one that it works for has ended, in whatever way."""
    wait_for_end()
    os._exit(1)
