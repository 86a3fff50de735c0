from __future__ import annotations

from detune.support.cluster import messages


def test_the_protocol_is_of_the_code_that_a_worker_holds() -> None:
    names = {path.name for path in messages.HELD}
    assert names == {"messages.py", "worker.py", "item_process.py"}
    assert len(messages.PROTOCOL) == 64
