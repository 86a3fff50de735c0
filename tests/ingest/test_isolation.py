from __future__ import annotations

import faulthandler
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from detune.errors import UserError
from detune.ingest.isolation import Lost, isolated_map
from detune.parallel import available_cores


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
    lost = Lost("crashes its reader (SIGSEGV)")
    assert mapped(crash_at_each_third, 8) == [0, 1, lost, 3, 4, lost, 6, 7]


def test_an_item_is_not_blamed_for_what_an_earlier_one_broke() -> None:
    assert mapped(crash_after_four, 12) == list(range(12))


def test_an_item_that_hangs_is_given_up() -> None:
    assert mapped(hang_at_four, 7, seconds=1.5) == [0, 1, 2, 3, Lost("takes more than 1.5 s"), 5, 6]


def test_a_process_that_is_ended_from_outside_is_no_items_fault() -> None:
    with pytest.raises(UserError, match=r"ended from outside \(status -9\): make memory free"):
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
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
