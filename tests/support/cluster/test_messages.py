from __future__ import annotations

from detune.support.cluster.messages import HELD, PROTOCOL, Call


def test_calls_of_one_version_are_told_apart_by_their_file() -> None:
    first, again, other = (Call(f"/data/{name}", "/", ("/src",), 1.0) for name in "aab")
    assert first == again and hash(first) == hash(again)
    assert first != other
    assert first.protocol == PROTOCOL


def test_all_that_a_worker_holds_is_counted() -> None:
    assert [path.name for path in HELD] == ["messages.py", "worker.py", "item_process.py"]
    assert all(path.is_file() for path in HELD)
