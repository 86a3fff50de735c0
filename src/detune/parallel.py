"""Map a function over items on all cores, with a progress bar, results in the items' order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

from detune.progress import progress

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(
    function: Callable[[Item], Result], items: Sequence[Item], *, label: str, unit: str
) -> Iterator[Result]:
    """Yield `function(item)` for each item, in order, computed by one process a core.

    Args:
        function: a function that worker processes can import.
        items: what to map over.
        label: what the progress bar says is being done.
        unit: what one item is, for the progress bar.
    """
    workers = min(available_cores(), max(1, len(items)))
    with ProcessPoolExecutor(workers, initializer=_one_thread) as pool:
        yield from progress(pool.map(function, items), label=label, unit=unit, total=len(items))


def _one_thread() -> None:
    """Keep linear algebra to one thread a process: the processes already fill the cores."""
    threadpool_limits(1)


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
