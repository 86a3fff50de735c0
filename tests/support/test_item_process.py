from __future__ import annotations

import faulthandler
import math
import os
import signal
from functools import partial
from multiprocessing.connection import wait
from typing import Any

import pytest

from detune.support.item_process import EndedOutsideError, ItemProcess, Lost, Raised
from detune.support.pool import _launch


def act(item: str) -> str:
    if item == "fail":
        raise ValueError(item)
    if item == "crash":
        faulthandler.disable()  # it would tell of the crash on the screen
        os.kill(os.getpid(), signal.SIGABRT)
    if item == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    return item.upper()


def outcome(process: ItemProcess, item: str) -> Any:
    found: dict[int, Any] = {}
    process.start_item(0, item)
    while not found:
        wait([process.connection])
        process.collect(found)
    return found[0]


def test_an_item_is_answered_fails_or_is_lost_and_the_next_one_is_computed() -> None:
    process = ItemProcess(partial(_launch, act), math.inf)
    try:
        assert outcome(process, "crash") == Lost("crashes its process (SIGABRT)")
        assert outcome(process, "a") == "A"
        raised = outcome(process, "fail")
        assert isinstance(raised, Raised)
        assert "in act" in str(raised.again().__cause__)
        with pytest.raises(EndedOutsideError, match=r"status -9\): free memory"):
            outcome(process, "killed")
    finally:
        process.stop()
