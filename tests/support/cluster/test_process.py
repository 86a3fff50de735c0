from __future__ import annotations

import pickle
import subprocess
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from detune.support.cluster import dispatch
from detune.support.cluster.process import IDLE_SECONDS, _answer
from detune.support.item_process import Raised
from tests.support.test_pool import fail_at_three, square, unpicklable

FUNCTION_OF_NO_MODULE = pickle.dumps(square).replace(b"square", b"squire")


def started(file: Path) -> tuple[subprocess.Popen, Connection]:
    connection, other = Pipe()
    command = [sys.executable, "-m", "detune.support.cluster.process", other.fileno(), file]
    process = subprocess.Popen(
        [*map(str, command)], pass_fds=[other.fileno()], stdin=subprocess.PIPE
    )
    other.close()
    return process, connection


@pytest.mark.parametrize("end", ["call", "worker", "items"])
def test_it_ends_with_the_call_the_worker_or_the_items(end: str) -> None:
    with dispatch._open_call(square, 60.0) as call:
        process, connection = started(Path(call.file))
        assert connection.recv() is None
        connection.send(pickle.dumps(7))
        assert pickle.loads(connection.recv()) == 49
        assert process.stdin
        if end == "worker":
            process.stdin.close()
        if end == "items":
            connection.close()
        if end != "call":
            process.wait(IDLE_SECONDS / 2)
    process.wait(IDLE_SECONDS / 2)


def test_it_tells_what_it_can_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch.cloudpickle, "dumps", lambda _: FUNCTION_OF_NO_MODULE)
    with dispatch._open_call(square, 60.0) as call:
        process, connection = started(Path(call.file))
        assert connection.recv().startswith("can't load what to compute (AttributeError(")
        process.wait()


class OddError(Exception):
    def __reduce__(self) -> str:
        raise TypeError


def odd(_: int) -> None:
    raise OddError("no wonder")


def no_memory(_: int) -> None:
    raise MemoryError


def test_an_error_is_an_answer_except_for_one_of_memory() -> None:
    answer = pickle.loads(_answer(fail_at_three, pickle.dumps(3)))
    assert isinstance(answer, Raised)
    assert isinstance(answer.error, ValueError)
    assert "in fail_at_three" in answer.trace
    assert "pickle" in str(pickle.loads(_answer(unpicklable, pickle.dumps(3))).error)
    assert "no wonder" in str(pickle.loads(_answer(odd, pickle.dumps(3))).error)
    with pytest.raises(MemoryError):
        _answer(no_memory, pickle.dumps(3))
