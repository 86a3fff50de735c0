from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from detune.errors import UserError
from detune.parallel import available_cores, in_order, parallel_map


def square(value: int) -> int:
    return value * value


def process(_: int) -> int:
    return os.getpid()


def threads(_: int) -> list[int]:
    np.ones((4, 4)) @ np.ones((4, 4))
    return [pool["num_threads"] for pool in threadpool_info()]


def fail_at_three(value: int) -> int:
    if value == 3:
        raise ValueError("item three")
    return value


def killed_at_three(value: int) -> int:
    if value == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return value


def mapped(function: Any, items: range) -> list[Any]:
    return list(parallel_map(function, items, label="test", unit="items"))


@pytest.mark.parametrize("count", [0, 1, 37])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    assert mapped(square, range(count)) == [n * n for n in range(count)]


def test_work_happens_in_other_processes_at_most_one_a_core() -> None:
    seen = set(mapped(process, range(20)))
    assert os.getpid() not in seen
    assert 1 <= len(seen) <= available_cores()


def test_a_worker_keeps_linear_algebra_to_one_thread() -> None:
    counts = mapped(threads, range(2))
    assert all(pool == 1 for counted in counts for pool in counted)
    assert all(counts)


def test_an_error_in_a_worker_reaches_the_caller() -> None:
    with pytest.raises(ValueError, match="item three"):
        mapped(fail_at_three, range(6))


def test_a_worker_that_is_killed_is_told_in_one_line_with_the_remedy() -> None:
    with pytest.raises(UserError, match=r"^a worker process .* make memory free and start again$"):
        mapped(killed_at_three, range(40))


PARENT_KILLED = """
import multiprocessing, os, signal, sys, time
from functools import partial
from detune.ingest.isolation import isolated_map
from detune.parallel import parallel_map

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    maps = {"shared": parallel_map, "isolated": partial(isolated_map, seconds=99999)}
    results = maps[sys.argv[2]](time.sleep, [0, 9999, 9999], label="test", unit="items")
    next(results)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.parametrize("mapping", ["shared", "isolated"])
def test_no_worker_outlives_a_parent_that_is_killed(method: str, mapping: str) -> None:
    command = [sys.executable, "-c", PARENT_KILLED, method, mapping]
    # Workers hold the parent's output open: it ends when the last of them has.
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as parent:
        try:
            parent.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(parent.pid, signal.SIGKILL)
    assert parent.returncode == -signal.SIGKILL


class Lazy(Executor):
    """Keeps what was submitted, and carries it out when the result is asked for."""

    def __init__(self) -> None:
        self.submitted: list[Any] = []

    def submit(self, function: Any, /, item: Any, **_: Any) -> Any:
        future: Future[Any] = Future()
        future.result = lambda timeout=None: function(item)  # type: ignore[method-assign]
        self.submitted.append(future)
        return future


def test_no_more_is_begun_than_a_few_items_ahead_of_the_results() -> None:
    pool = Lazy()
    results = in_order(pool, square, range(1000), 5)
    assert not pool.submitted
    for taken in range(1, 10):
        assert next(results) == (taken - 1) ** 2
        assert len(pool.submitted) == taken + 4
    results.close()  # type: ignore[attr-defined]
    assert [future.cancelled() for future in pool.submitted] == [False] * 9 + [True] * 4


def test_progress_is_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    list(parallel_map(square, range(3), label="squares", unit="numbers"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "squares: 100%" in captured.err
    assert "3/3" in captured.err


def test_cores_are_those_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    assert available_cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert available_cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available_cores() == 1
