"""Map a function over items on all cores, in processes that may crash or hang.

A crash or a timeout costs one item, not the run: audio decoders are written in C, and a hostile or
broken file can take its process down with it. `concurrent.futures` gives up all items when one
process crashes, and cannot end an item that hangs. joblib, which is installed too, does the same.

The processes are this machine's, or a Dask cluster's where `DASK_SCHEDULER_ADDRESS` names one.
"""

from __future__ import annotations

import math
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from detune.support.errors import UserError
from detune.support.item_process import ItemProcess, Lost, Raised, answer_items, wait_for
from detune.support.progress import progress

__all__ = [
    "AHEAD",
    "CORES",
    "SCHEDULER",
    "Lost",
    "available_cores",
    "isolated_map",
    "on_cluster",
    "parallel_map",
]

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Items that each worker may be ahead of the next result, so that results don't pile up."""

SCHEDULER = "DASK_SCHEDULER_ADDRESS"
"""The environment variable by which Dask, too, finds a cluster, such as `tcp://10.0.0.1:8786`."""

CORES = "DETUNE_CORES"
"""The environment variable by which a worker tells the processes beside it how many to use."""


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
        UserError: a process crashed, or was killed as by a system that runs out of memory; or the
            cluster fails.
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
) -> Generator[Result | Lost, None, None]:
    """Like `parallel_map`, but yield `Lost` for an item that crashes its process or hangs.

    Args:
        function: a function that worker processes can import.
        items: what to map over.
        seconds: how long an item may take before it is `Lost`.
        label: what the progress bar says is being done.
        unit: what one item is, for the progress bar.

    Raises:
        UserError: a process was killed from outside, as by a system that runs out of memory; or
            the cluster fails.
    """
    # Closed at once, also after an error: nothing goes on computing.
    with closing(_outcomes(function, items, seconds)) as outcomes:
        for outcome in progress(outcomes, label=label, unit=unit, total=len(items)):
            if isinstance(outcome, Raised):
                raise outcome.again()
            yield outcome


def on_cluster() -> bool:
    """Whether a cluster's workers compute items, and not this machine's processes."""
    return bool(os.environ.get(SCHEDULER))


def available_cores() -> int:
    """How many cores this process may use; one where a cluster's worker has a thread for each."""
    if CORES in os.environ:
        return int(os.environ[CORES])
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _outcomes(
    function: Callable[[Item], Result], items: Sequence[Item], seconds: float
) -> Generator[Any, None, None]:
    """Results, `Lost` or `Raised`, in the items' order, from the cluster if there is one."""
    if not on_cluster() or not items:
        return _local_outcomes(function, items, seconds)
    # Imported here: Dask takes most of a second, and is not needed otherwise.
    try:
        from detune.support.cluster.dispatch import cluster_outcomes  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UserError(
            f"{SCHEDULER} is set, but {error.name} is not installed: run `make setup`, or unset it"
        ) from error
    address = os.environ[SCHEDULER]
    return cluster_outcomes(address, function, items, seconds=seconds, ahead=AHEAD)


def _local_outcomes(
    function: Callable[[Item], Result], items: Sequence[Item], seconds: float
) -> Generator[Any, None, None]:
    """The outcomes in the items' order, while the processes take items as they come."""
    waiting, outcomes = deque(enumerate(items)), dict[int, Any]()
    launch = partial(_launch, function)
    with ExitStack() as stack:
        count = min(available_cores(), len(items))
        workers = [ItemProcess(launch, seconds) for _ in range(count)]
        for worker in workers:
            stack.callback(worker.stop)
        for turn in range(len(items)):
            _hand_out(waiting, workers, turn)
            while turn not in outcomes:
                _collect(workers, outcomes)
                _hand_out(waiting, workers, turn)
            yield outcomes.pop(turn)


def _hand_out(waiting: deque[tuple[int, Any]], workers: Sequence[ItemProcess], turn: int) -> None:
    """Give idle workers the next items, those that are not too far ahead of `turn`."""
    for worker in workers:
        if worker.index is None and waiting and waiting[0][0] < turn + AHEAD * len(workers):
            worker.start_item(*waiting.popleft())


def _collect(workers: Sequence[ItemProcess], outcomes: dict[int, Any]) -> None:
    """Wait until a worker has an outcome or runs out of time, and store all outcomes there are."""
    busy = [worker for worker in workers if worker.index is not None]
    wait_for(busy)
    for worker in busy:
        worker.collect(outcomes)


def _launch(function: Callable[[Any], Any]) -> tuple[Connection, multiprocessing.Process]:
    """Begin a process on this machine that waits for items."""
    connection, other = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_work, args=(other, function), daemon=True)
    process.start()
    other.close()
    return connection, process


def _work(connection: Connection, function: Callable[[Any], Any]) -> None:
    """What such a process does."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    answer_items(connection, function, parent.join)
