from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from detune.support.errors import UserError
from detune.support.pool import (
    AHEAD,
    CORES,
    SCHEDULER,
    Lost,
    available_cores,
    isolated_map,
    parallel_map,
)

ROOT = Path(__file__).parents[2]


def mapped(function: Callable[[int], Any], count: int, seconds: float = 60.0) -> list[Any]:
    return list(isolated_map(function, range(count), seconds=seconds, label="test", unit="items"))


def square(value: int) -> int:
    return value * value


def process(_: int) -> int:
    return os.getpid()


def threads(_: int) -> list[int]:
    np.ones((4, 4)) @ np.ones((4, 4))
    return [pool["num_threads"] for pool in threadpool_info()]


def crash_at_each_third(value: int) -> int:
    if value % 3 == 2:
        faulthandler.disable()  # it would tell of the crash on the screen
        os.kill(os.getpid(), signal.SIGSEGV)
    return value


poisoned: list[int] = []


def crash_after_four(value: int) -> int:
    """Item four leaves the process broken, and whatever comes next crashes."""
    if poisoned:
        faulthandler.disable()
        os.kill(os.getpid(), signal.SIGSEGV)
    if value == 4:
        poisoned.append(value)
    return value


def hang_at_four(value: int) -> int:
    while value == 4:
        time.sleep(60)
    return value


def killed(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail_at_three(value: int) -> int:
    if value == 3:
        raise ValueError("item three")
    return value


@pytest.mark.parametrize("count", [0, 1, 37])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    assert mapped(square, count) == [n * n for n in range(count)]


def test_work_happens_in_other_processes_at_most_one_a_core() -> None:
    seen = set(mapped(process, 20))
    assert os.getpid() not in seen
    assert 1 <= len(seen) <= available_cores()


def test_a_worker_keeps_linear_algebra_to_one_thread() -> None:
    counts = mapped(threads, 2)
    assert all(pool == 1 for counted in counts for pool in counted)
    assert all(counts)


def test_a_crash_costs_its_item_only() -> None:
    lost = Lost("crashes its process (SIGSEGV)")
    assert mapped(crash_at_each_third, 8) == [0, 1, lost, 3, 4, lost, 6, 7]


def test_an_item_is_not_blamed_for_what_an_earlier_one_broke() -> None:
    assert mapped(crash_after_four, 12) == list(range(12))


def test_an_item_that_hangs_is_given_up() -> None:
    assert mapped(hang_at_four, 7, seconds=1.5) == [0, 1, 2, 3, Lost("takes more than 1.5 s"), 5, 6]


def read_line(path: Path) -> str:
    return path.read_text()


def stop_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is stopped for 1,000 s while an item waits for what is written to `path` afterwards."""
    clock, later = time.monotonic, [0.0]
    os.mkfifo(path)  # who reads waits until somebody writes

    def stopped_once(connections: Any, left: float) -> Any:
        if not later[0]:
            later[0] = 1000.0
            return []
        if path.exists():
            path.write_text("read")
            path.unlink()
        return wait(connections, left)

    monkeypatch.setattr("detune.support.item_process.wait", stopped_once)
    monkeypatch.setattr(time, "monotonic", lambda: clock() + later[0])


def test_time_in_which_all_was_stopped_is_no_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "queue"
    stop_once(path, monkeypatch)
    assert list(isolated_map(read_line, [path], seconds=100, label="t", unit="u")) == ["read"]


def test_a_process_that_is_ended_from_outside_is_no_items_fault() -> None:
    with pytest.raises(UserError, match=r"ended from outside \(status -9\): free memory"):
        mapped(killed, 3)


def test_an_error_reaches_the_caller_with_its_traceback() -> None:
    with pytest.raises(ValueError, match="item three") as caught:
        mapped(fail_at_three, 6)
    assert "in fail_at_three" in str(caught.value.__cause__)


def test_no_process_is_left_behind() -> None:
    (worker,) = mapped(process, 1)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    results = isolated_map(process, range(9), seconds=60.0, label="test", unit="items")
    worker = next(results)
    results.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def in_parallel(function: Callable[[int], Any], count: int) -> list[Any]:
    return list(parallel_map(function, range(count), label="test", unit="items"))


def test_without_isolation_a_crash_is_an_error_of_one_line() -> None:
    assert in_parallel(square, 5) == [0, 1, 4, 9, 16]
    message = r"^test: one of the items crashes its process \(SIGSEGV\): start again$"
    with pytest.raises(UserError, match=message):
        in_parallel(crash_at_each_third, 5)


def test_a_cluster_without_dask_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SCHEDULER, "tcp://127.0.0.1:8786")
    monkeypatch.setitem(sys.modules, "distributed", None)
    for name in ("dispatch", "scheduler"):
        monkeypatch.delitem(sys.modules, f"detune.support.cluster.{name}", raising=False)
    message = rf"^{SCHEDULER} is set, but distributed is not installed: run `make setup`"
    with pytest.raises(UserError, match=message):
        mapped(square, 3)


def test_dask_is_not_imported_where_there_is_no_cluster() -> None:
    code = (
        "import sys\nfrom tests.support.test_pool import mapped, square\n"
        "assert mapped(square, 2) == [0, 1]\nprint({'distributed', 'dask'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.stdout == "set()\n"


def fail_slowly_at_one(value: int) -> int:
    if value == 1:
        time.sleep(0.5)
    if value in (1, 2):
        raise ValueError(f"item {value}")
    return value


def test_of_several_errors_the_first_in_order_is_raised() -> None:
    with pytest.raises(ValueError, match="item 1"):
        in_parallel(fail_slowly_at_one, 4)


def unpicklable(_: int) -> Any:
    return lambda: None


def test_a_result_that_cannot_be_sent_is_an_error_of_its_item() -> None:
    with pytest.raises(Exception, match=r"(?i)pickle"):
        in_parallel(unpicklable, 1)


def note(folder: Path, value: int) -> int:
    (folder / str(value)).touch()
    return value


def test_no_more_is_begun_than_a_few_items_ahead_of_the_results(tmp_path: Path) -> None:
    function = partial(note, tmp_path)
    results = isolated_map(function, range(500), seconds=60.0, label="test", unit="items")
    assert list(tmp_path.iterdir()) == []
    for _ in range(3):
        next(results)
        time.sleep(0.1)
    assert len(list(tmp_path.iterdir())) <= 3 + AHEAD * available_cores()
    results.close()


PARENT_KILLED = """
import multiprocessing, os, signal, sys, time
from functools import partial
from detune.support.pool import isolated_map, parallel_map

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
    monkeypatch.setenv(CORES, "2")  # a cluster's worker says so
    assert available_cores() == 2
