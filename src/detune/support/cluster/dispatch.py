"""Map a function over items on a Dask cluster whose machines share the stage's folder.

The scheduler carries no data but items and results, which are small: names of files, measures. What
is large is in the shared folder, and so is the function, with all that it holds: each process reads
it once.
"""

from __future__ import annotations

import pickle
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cloudpickle
import distributed

from detune.support.cluster.environment import environment
from detune.support.cluster.messages import DONE, KILLED, LOST, REFUSED, Answer, Call
from detune.support.cluster.scheduler import AGAIN, scheduler
from detune.support.cluster.worker import compute
from detune.support.errors import UserError
from detune.support.item_process import Lost

LOOK_SECONDS = 5.0
"""Between two looks how many workers there are, while a result is waited for."""

WORKERLESS_SECONDS = 30.0
"""How long a cluster may be without any worker, as while they are started again."""


@dataclass
class _Run:
    """The items of a call at a cluster."""

    client: Any
    call: Call
    address: str
    count: int
    threads: int = 1
    looked: float = field(default_factory=time.monotonic)

    def submit(self, index: int, item: bytes) -> Any:
        """Let the cluster compute an item; return Dask's future."""
        key = f"{Path(sys.argv[0]).stem}-{index}-{uuid.uuid4().hex}"
        return self.client.submit(compute, self.call, item, key=key, pure=False)

    def answer(self, index: int, future: Any) -> Answer:
        """The answer for an item, as soon as there is one.

        Raises:
            UserError: there is none to be expected.
        """
        while True:
            try:
                answer: Answer = future.result(timeout=LOOK_SECONDS)
            except distributed.TimeoutError:
                self.look()
            except distributed.KilledWorker as error:
                raise UserError(
                    f"{self.address}: {error.allowed_failures + 1} workers died at item "
                    f"{index + 1} of {self.count}, the last {error.last_worker.address}: see its "
                    "log, give it more memory or fewer threads, then run `dvc repro` again"
                ) from error
            else:
                if answer.kind == REFUSED:
                    raise UserError(f"the Dask worker on {answer.host} {answer.content}")
                return answer

    def look(self) -> None:
        """Count the cluster's threads.

        Raises:
            UserError: there have been none for too long.
        """
        self.threads = sum(self.client.nthreads().values())
        if self.threads:
            self.looked = time.monotonic()
        elif time.monotonic() - self.looked > WORKERLESS_SECONDS:
            raise UserError(f"{self.address}: this Dask cluster has no worker: {AGAIN}")


def cluster_outcomes(
    address: str,
    function: Callable[[Any], Any],
    items: Sequence[Any],
    *,
    seconds: float,
    ahead: int,
) -> Generator[Any, None, None]:
    """Yield results, `Lost` or `Raised` in the items' order, computed by a cluster.

    An item that crashes its process, takes too long, or has its process killed gets a second try.

    Args:
        address: of the scheduler.
        function: of an item.
        items: what to map over.
        seconds: how long an item may take before it is `Lost`.
        ahead: items that each thread of the cluster may be ahead of the next result.

    Raises:
        UserError: the scheduler is not there or is lost, there are no workers, a worker does not
            see the folder or has other versions, or an item's process is killed twice.
    """
    with _open_call(function, seconds) as call, scheduler(address) as client:
        run = _Run(client, call, address, len(items))
        run.look()
        sent: deque[tuple[bytes, Any]] = deque()
        following = enumerate(items)
        for turn in range(len(items)):
            while turn + len(sent) < min(len(items), turn + ahead * max(1, run.threads)):
                index, item = next(following)
                pickled = cloudpickle.dumps(item)
                sent.append((pickled, run.submit(index, pickled)))
            pickled, future = sent.popleft()
            answer = run.answer(turn, future)
            if answer.kind != DONE:
                answer = run.answer(turn, run.submit(turn, pickled))
            yield _outcome(answer, turn, len(items))


def _outcome(answer: Answer, turn: int, count: int) -> Any:
    """What an answer says, of a second try if there was one.

    Raises:
        UserError: the item's process was killed.
    """
    if answer.kind == KILLED:
        raise UserError(
            f"item {turn + 1} of {count}: twice its process {answer.content}, the last time on "
            f"{answer.host}: free memory there or start fewer threads, then run `dvc repro` again"
        )
    return Lost(answer.content) if answer.kind == LOST else pickle.loads(answer.content)


@contextmanager
def _open_call(function: Callable[[Any], Any], seconds: float) -> Iterator[Call]:
    """Write the function where all machines see it, for as long as the block runs."""
    folder = Path.cwd()
    data = folder / "data"
    file = (data if data.is_dir() else folder) / f".call-{uuid.uuid4().hex}.writing.pickle"
    content = {"environment": environment(), "function": cloudpickle.dumps(function)}
    try:
        file.write_bytes(pickle.dumps(content))
        yield Call(str(file), str(folder), _imports(), seconds)
    finally:
        file.unlink(missing_ok=True)


def _imports() -> tuple[str, ...]:
    """Folders of the project's code: those that are searched, but for the environment's own."""
    own = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()}
    searched = [Path(entry or ".").resolve() for entry in sys.path]
    return tuple(str(path) for path in searched if own.isdisjoint([path, *path.parents]))
