"""Map a function over items in processes that may crash or hang: it costs one item, not the run.

Decoders are written in C, and a hostile or broken file can take the process down with it.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from detune.errors import UserError
from detune.parallel import available_cores, prepare_worker
from detune.progress import progress

Item = TypeVar("Item")
Result = TypeVar("Result")

FAULTS = {signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL} | {
    getattr(signal, "SIGBUS", signal.SIGSEGV)
}
"""Signals by which a process ends through its own fault."""


@dataclass(frozen=True)
class Lost:
    """An item whose process crashed or took too long, and which of both."""

    reason: str


def isolated_map(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    seconds: float,
    label: str,
    unit: str,
) -> Iterator[Result | Lost]:
    """Yield `function(item)` for each item, in order, computed by one process a core.

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


def _results(
    function: Callable[[Item], Result], items: Sequence[Item], seconds: float
) -> Iterator[Result | Lost]:
    """Yield the outcomes in the items' order, while the processes take them as they come."""
    waiting, outcomes = deque(enumerate(items)), dict[int, Any]()
    with ExitStack() as stack:
        workers = [_Worker(function, seconds) for _ in range(min(available_cores(), len(items)))]
        for worker in workers:
            stack.callback(worker.stop)
        for turn in range(len(items)):
            while turn not in outcomes:
                for worker in workers:
                    if worker.index is None and waiting:
                        worker.give(*waiting.popleft())
                busy = [worker for worker in workers if worker.index is not None]
                first = min(worker.deadline for worker in busy)
                wait([w.connection for w in busy], max(0.0, first - time.monotonic()))
                for worker in busy:
                    worker.collect(outcomes)
            yield outcomes.pop(turn)


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

    def give(self, index: int, item: Any) -> None:
        """Let the process compute an item."""
        self.index, self.item, self.deadline = index, item, time.monotonic() + self.seconds
        with suppress(BrokenPipeError):  # it has ended, as collecting will find
            self.connection.send(item)

    def collect(self, outcomes: dict[int, Any]) -> None:
        """Store the outcome of the item under its index, if there is one yet."""
        assert self.index is not None
        try:
            if self.connection.poll():
                outcomes[self.index] = self._received()
            elif time.monotonic() >= self.deadline:
                self._renew()
                outcomes[self.index] = Lost(f"takes more than {self.seconds:g} s")
            else:
                return
        except (EOFError, ConnectionResetError):
            crash, used = self._crash(), self.used
            self._renew()
            if used:  # an earlier item may have left the process broken: once more, in a new one
                return self.give(self.index, self.item)
            outcomes[self.index] = crash
        self.index = None

    def _received(self) -> Any:
        """The process's answer; its exceptions are raised."""
        result, error, told = self.connection.recv()
        if error is not None:
            raise error from RuntimeError(told)
        self.used = True
        return result

    def _crash(self) -> Lost:
        """How the process came to its end, if that was its own fault."""
        self.process.join()
        code = self.process.exitcode or 0
        if -code not in FAULTS:
            raise UserError(
                f"a worker process was ended from outside (status {code}): make memory free and "
                f"start again"
            )
        return Lost(f"crashes its reader ({signal.Signals(-code).name})")

    def _renew(self) -> None:
        """Put another process in the place of this one."""
        self.stop()
        self.start()


def _work(connection: Connection, function: Callable[[Any], Any]) -> None:
    """Answer each item with a result, or an error and its traceback, as long as there are any."""
    prepare_worker()
    while True:
        try:
            item = connection.recv()
        except EOFError:
            return
        try:
            answer: tuple[Any, Exception | None, str] = (function(item), None, "")
        except Exception as error:
            answer = (None, error, traceback.format_exc())
        connection.send(answer)
