"""Map a function over items on all cores, with a progress bar, results in the items' order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from threadpoolctl import threadpool_limits

from detune.errors import UserError
from detune.progress import progress

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Items a worker may be ahead of whoever takes the results, so that these don't pile up."""


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
    workers = min(available_cores(), max(1, len(items)))
    try:
        with ProcessPoolExecutor(workers, initializer=prepare_worker) as pool:
            results = in_order(pool, function, items, AHEAD * workers)
            yield from progress(results, label=label, unit=unit, total=len(items))
    except BrokenProcessPool as error:
        raise UserError(
            "a worker process crashed or was ended from outside: make memory free and start again"
        ) from error


def in_order(
    pool: Executor, function: Callable[[Item], Result], items: Sequence[Item], most: int
) -> Iterator[Result]:
    """Yield results in the items' order; at most `most` items are begun and not yet yielded."""
    begun: deque[Future[Result]] = deque()
    try:
        for item in items:
            if len(begun) == most:
                yield begun.popleft().result()
            begun.append(pool.submit(function, item))
        while begun:
            yield begun.popleft().result()
    finally:
        for future in begun:
            future.cancel()


def prepare_worker() -> None:
    """Make a process a worker: of one thread, as the workers fill the cores, and not for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops its workers itself
    threadpool_limits(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process as soon as the one that it works for has ended, in whatever way."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
