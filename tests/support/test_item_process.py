from __future__ import annotations

import multiprocessing
import signal
from functools import partial
from multiprocessing.connection import Connection

import pytest

from detune.support.item_process import (
    EndedOutsideError,
    ItemProcess,
    Lost,
    Raised,
    answer_items,
)
from tests.support.test_pool import crash_at_each_third, fail_at_three, hang_at_four, killed


def launch(function: object) -> tuple[Connection, multiprocessing.Process]:
    mine, other = multiprocessing.Pipe()
    process = multiprocessing.Process(
        target=answer_items, args=(other, function, signal.pause), daemon=True
    )
    process.start()
    other.close()
    return mine, process


def outcome(function: object, item: int, seconds: float = 60.0) -> object:
    process = ItemProcess(partial(launch, function), seconds)
    outcomes: dict[int, object] = {}
    process.start_item(9, item)
    try:
        while not outcomes:
            process.connection.poll(0.1)
            process.collect(outcomes)
    finally:
        process.stop()
    assert process.index is None
    return outcomes[9]


def test_what_becomes_of_an_item() -> None:
    assert outcome(crash_at_each_third, 1) == 1
    assert outcome(crash_at_each_third, 2) == Lost("crashes its process (SIGSEGV)")
    assert outcome(hang_at_four, 4, seconds=0.5) == Lost("takes more than 0.5 s")
    with pytest.raises(EndedOutsideError, match="free memory") as ended:
        outcome(killed, 4)
    assert ended.value.status == -signal.SIGKILL


def test_an_error_comes_with_its_traceback() -> None:
    raised = outcome(fail_at_three, 3)
    assert isinstance(raised, Raised)
    again = raised.again()
    assert isinstance(again, ValueError)
    assert "in fail_at_three" in str(again.__cause__)
