from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from detune.support.cluster import dispatch
from detune.support.errors import UserError
from detune.support.pool import AHEAD, Lost, isolated_map
from tests.dask_cluster import Cluster, dask_cluster
from tests.support.test_pool import (
    crash_at_each_third,
    fail_at_three,
    hang_at_four,
    in_parallel,
    killed,
    mapped,
    note,
    process,
    square,
    threads,
)


def once(folder: Path, harm: Callable[[], Any], value: int) -> int:
    """Do harm at the first try of item two."""
    if value == 2 and not (folder / "tried").exists():
        (folder / "tried").touch()
        harm()
    return value


def kill_worker() -> None:
    os.kill(os.getppid(), signal.SIGKILL)


def kill_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang() -> None:
    time.sleep(600)


def run_out_of_memory() -> None:
    raise MemoryError


def ancestors(_: int) -> list[int]:
    return [each.pid for each in psutil.Process().parents()]


def test_items_are_computed_by_the_workers_in_their_order(cluster: Cluster) -> None:
    assert in_parallel(square, 30) == [n * n for n in range(30)]
    found = in_parallel(ancestors, 12)
    assert all({worker.pid for worker in cluster.workers} & set(pids) for pids in found)


@pytest.mark.usefixtures("cluster")
def test_a_process_keeps_linear_algebra_to_one_thread() -> None:
    counts = mapped(threads, 2)
    assert all(pool == 1 for counted in counts for pool in counted)
    assert all(counts)


@pytest.mark.usefixtures("cluster")
def test_crashes_and_hangs_cost_their_items_only_as_on_one_machine() -> None:
    lost = Lost("crashes its process (SIGSEGV)")
    assert mapped(crash_at_each_third, 8) == [0, 1, lost, 3, 4, lost, 6, 7]
    lost = Lost("takes more than 1.5 s")
    assert mapped(hang_at_four, 7, seconds=1.5) == [0, 1, 2, 3, lost, 5, 6]


@pytest.mark.parametrize("harm", [kill_worker, kill_process, run_out_of_memory, hang])
@pytest.mark.usefixtures("cluster")
def test_what_happens_once_costs_a_second_try(harm: Callable[[], Any], tmp_path: Path) -> None:
    assert mapped(partial(once, tmp_path, harm), 9, seconds=5.0) == list(range(9))
    assert (tmp_path / "tried").exists()


@pytest.mark.usefixtures("cluster")
def test_an_item_whose_process_is_killed_twice_is_named() -> None:
    message = r"^item 1 of 3: twice its process was ended from outside \(status -9\), the last time"
    with pytest.raises(UserError, match=message):
        mapped(killed, 3)


@pytest.mark.usefixtures("cluster")
def test_an_error_reaches_the_caller_with_its_traceback() -> None:
    with pytest.raises(ValueError, match="item three") as caught:
        mapped(fail_at_three, 6)
    assert "in fail_at_three" in str(caught.value.__cause__)


class Model:
    """Large, and noted in a file wherever it is loaded."""

    def __init__(self, file: Path) -> None:
        self.file, self.weights = file, np.ones(1_000_000)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        with self.file.open("a") as stream:
            stream.write("loaded\n")

    def __call__(self, value: int) -> float:
        return float(self.weights[:value].sum())


def test_what_the_function_holds_is_loaded_once_a_worker(cluster: Cluster, tmp_path: Path) -> None:
    assert in_parallel(Model(tmp_path / "log"), 40) == list(range(40))
    assert 1 <= len((tmp_path / "log").read_text().split()) <= len(cluster.workers)


def test_no_more_is_begun_than_a_few_items_ahead_of_the_results(
    cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "noted").mkdir()
    function = partial(note, tmp_path / "noted")
    results = isolated_map(function, range(500), seconds=60.0, label="test", unit="items")
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    assert len([*(tmp_path / "noted").iterdir()]) <= 3 + AHEAD * len(cluster.workers)
    results.close()


def test_nothing_is_left_behind(cluster: Cluster, tmp_path: Path) -> None:
    results = isolated_map(process, range(9), seconds=60.0, label="test", unit="items")
    next(results)
    started = cluster.computing()
    assert started
    results.close()
    assert psutil.wait_procs(started, timeout=30)[1] == []
    assert list(tmp_path.iterdir()) == []


def test_a_scheduler_that_is_killed_is_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with dask_cluster(tmp_path, workers=1) as cluster:
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.address)
        results = isolated_map(square, range(50), seconds=60.0, label="test", unit="items")
        assert next(results) == 0
        cluster.scheduler.kill()
        with pytest.raises(UserError, match=rf"^{cluster.address}: the Dask scheduler was lost: "):
            list(results)


def test_a_cluster_without_workers_is_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(dispatch, "WORKERLESS_SECONDS", 0.2)
    monkeypatch.chdir(tmp_path)
    with dask_cluster(tmp_path, workers=0) as cluster:
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.address)
        with pytest.raises(UserError, match=rf"^{cluster.address}: .* has no worker"):
            mapped(square, 3)
