from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from detune.support.cluster import dispatch, worker
from detune.support.cluster.messages import DONE, KILLED, LOST, REFUSED, Call
from detune.support.cluster.worker import compute
from detune.support.pool import SCHEDULER, available_cores
from tests.support.test_pool import (
    crash_at_each_third,
    hang_at_four,
    killed,
    process,
    read_line,
    stop_once,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    """Nothing that a test started lives longer than it."""
    yield
    for each in [each for idle in worker._idle.values() for each in idle]:
        each.stop()
    worker._idle.clear()


def answers(call: Call, *items: int) -> list[tuple[str, object]]:
    found = [compute(call, pickle.dumps(item)) for item in items]
    return [(each.kind, each.content) for each in found]


def test_items_of_a_call_share_a_process_and_calls_do_not() -> None:
    with dispatch._open_call(process, 60.0) as call, dispatch._open_call(process, 60.0) as other:
        found = [
            pickle.loads(compute(each, pickle.dumps(0)).content)
            for each in (call, call, other, call)
        ]
    assert found[0] == found[1] == found[3] != found[2]


def means(_: int) -> tuple[int, str | None, str | None]:
    return available_cores(), os.environ.get("TF_NUM_INTRAOP_THREADS"), os.environ.get(SCHEDULER)


def test_a_process_has_one_core_and_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """An item that waited for others would hold the thread that they need."""
    monkeypatch.setenv(SCHEDULER, "tcp://127.0.0.1:1")
    with dispatch._open_call(means, 60.0) as call:
        assert pickle.loads(compute(call, pickle.dumps(0)).content) == (1, "1", None)


def test_an_answer_says_what_became_of_the_item() -> None:
    with dispatch._open_call(crash_at_each_third, 60.0) as call:
        done, lost = answers(call, 1, 2)
    assert done == (DONE, pickle.dumps(1))
    assert lost == (LOST, "crashes its process (SIGSEGV)")
    with dispatch._open_call(hang_at_four, 0.5) as call:
        assert answers(call, 4) == [(LOST, "takes more than 0.5 s")]
    with dispatch._open_call(killed, 60.0) as call:
        assert answers(call, 4) == [(KILLED, "was ended from outside (status -9)")]


def test_time_in_which_the_worker_was_stopped_is_no_items(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dispatch._open_call(read_line, 100.0) as call:
        stop_once(folder / "queue", monkeypatch)
        answer = compute(call, pickle.dumps(folder / "queue"))
    assert (answer.kind, pickle.loads(answer.content)) == (DONE, "read")


def test_a_worker_that_does_not_see_the_folder_refuses(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SEEN_SECONDS", 0.0)
    with dispatch._open_call(process, 60.0) as call:
        pass
    assert answers(call, 1) == [(REFUSED, f"does not see {folder}, or not the same folder")]


def test_a_worker_of_other_versions_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    others = dispatch.environment() | {"numpy": "0.1"}
    monkeypatch.setattr(dispatch, "environment", lambda: others)
    with dispatch._open_call(process, 60.0) as call:
        ((kind, told),) = answers(call, 1)
    assert kind == REFUSED
    assert str(told).startswith("has numpy ")
    assert str(told).endswith(", not 0.1")


def test_a_worker_that_was_started_with_older_code_refuses() -> None:
    with dispatch._open_call(process, 60.0) as call:
        ((kind, told),) = answers(replace(call, protocol="newer"), 1)
    assert (kind, told) == (
        REFUSED,
        "was started with another version of the project: start it again",
    )


def test_a_process_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker.sys, "executable", "/bin/false")
    with dispatch._open_call(process, 60.0) as call:
        assert answers(call, 1) == [
            (REFUSED, "can't start a process (status 1): its log may say why")
        ]
