"""Map a function over items on all cores, in processes that may crash or hang.

A crash or a timeout costs one item, not the run: audio decoders are written in C, and a hostile or
broken file can take its process down with it. `concurrent.futures` gives up all items when one
process crashes, and cannot end an item that hangs. joblib, which is installed too, does the same.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from detune.support.errors import UserError
from detune.support.progress import progress

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Items that each worker may be ahead of the next result, so that results don't pile up."""

FAULTS = {signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL} | {
    getattr(signal, "SIGBUS", signal.SIGSEGV)
}
"""Signals by which a process ends through its own fault."""


@dataclass(frozen=True)
class Lost:
    """An item whose process crashed or took too long; the reason says which."""

    reason: str


def parallel_map(
    function: Callable[[Item], Result], items: Sequence[Item], *, label: str, unit: str
) -> Iterator[Result]:
    """Yield `function(item)` for each item, in order, computed by one process a core.

    Args:
        function: a function that worker processes can import.
        items: what to map over.
        label: what the progress bar says is being done.
        unit: what one item is, for the progress bar.

    Raises:
        UserError: a process crashed, or was killed as by a system that runs out of memory.
    """
    for result in isolated_map(function, items, seconds=math.inf, label=label, unit=unit):
        if isinstance(result, Lost):
            raise UserError(f"{label}: one of the {unit} {result.reason}: start again")
        yield result


def isolated_map(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    seconds: float,
    label: str,
    unit: str,
) -> Iterator[Result | Lost]:
    """Like `parallel_map`, but yield `Lost` for an item that crashes its process or hangs.

    Args:
        function: a function that worker processes can import.
        items: what to map over.
        seconds: how long an item may take before it is `Lost`.
        label: what the progress bar says is being done.
        unit: what one item is, for the progress bar.

    Raises:
        UserError: a process was killed from outside, as by a system that runs out of memory.
    """
    results = _results(function, items, seconds)
    yield from progress(results, label=label, unit=unit, total=len(items))


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class _Raised:
    """An exception of the function, and its traceback as text."""

    error: Exception
    trace: str


def _results(
    function: Callable[[Item], Result], items: Sequence[Item], seconds: float
) -> Iterator[Result | Lost]:
    """Yield the results in the items' order, while the processes take items as they come."""
    waiting, outcomes = deque(enumerate(items)), dict[int, Any]()
    with ExitStack() as stack:
        workers = [_Worker(function, seconds) for _ in range(min(available_cores(), len(items)))]
        for worker in workers:
            stack.callback(worker.stop)
        for turn in range(len(items)):
            _hand_out(waiting, workers, turn)
            while turn not in outcomes:
                _collect(workers, outcomes)
                _hand_out(waiting, workers, turn)
            outcome = outcomes.pop(turn)
            if isinstance(outcome, _Raised):
                raise outcome.error from RuntimeError(outcome.trace)
            yield outcome


def _hand_out(waiting: deque[tuple[int, Any]], workers: Sequence[_Worker], turn: int) -> None:
    """Give idle workers the next items, those that are not too far ahead of `turn`."""
    for worker in workers:
        if worker.index is None and waiting and waiting[0][0] < turn + AHEAD * len(workers):
            worker.start_item(*waiting.popleft())


def _collect(workers: Sequence[_Worker], outcomes: dict[int, Any]) -> None:
    """Wait until a worker has an outcome or runs out of time, and store all outcomes there are."""
    busy = [worker for worker in workers if worker.index is not None]
    first = min(worker.deadline for worker in busy)
    left = None if math.isinf(first) else max(0.0, first - time.monotonic())
    wait([worker.connection for worker in busy], left)
    for worker in busy:
        worker.collect(outcomes)


@dataclass
class _Worker:
    """A process that computes one item at a time, and is replaced when it is lost."""

    function: Callable[[Any], Any]
    seconds: float
    index: int | None = None
    item: Any = None
    deadline: float = 0.0
    used: bool = False
    connection: Connection = field(init=False)
    process: multiprocessing.Process = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin a process that waits for items."""
        self.connection, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=_work, args=(other, self.function), daemon=True
        )
        self.process.start()
        self.used = False
        other.close()

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
        """Store the outcome of the item under its index, if there is one yet."""
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
            raise UserError(
                f"a worker process was ended from outside (status {code}): free memory and "
                f"start again"
            )
        return Lost(f"crashes its process ({signal.Signals(-code).name})")

    def _renew(self) -> None:
        """Put another process in the place of this one."""
        self.stop()
        self.start()


def _work(connection: Connection, function: Callable[[Any], Any]) -> None:
    """Answer each item with a result, or an error and its traceback, as long as there are any."""
    _prepare()
    while True:
        try:
            item = connection.recv()
        except EOFError:
            return
        try:
            connection.send(function(item))
        except Exception as error:
            connection.send(_Raised(error, traceback.format_exc()))


def _prepare() -> None:
    """Let a worker use one thread, as the workers fill the cores, and end with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops its workers itself
    threadpool_limits(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process as soon as the one that it works for has ended, in whatever way."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
