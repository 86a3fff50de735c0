from __future__ import annotations

import socket

import pytest

from detune.support.cluster.scheduler import scheduler
from detune.support.errors import UserError


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "tcp://127.0.0.1:99999", "nowhere"])
def test_no_scheduler_is_a_line(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detune.support.cluster.scheduler.CONNECT_SECONDS", 0.5)
    address = address.format(port=free_port())
    message = rf"^{address}: no Dask scheduler answers there: docs/"
    with pytest.raises(UserError, match=message), scheduler(address):
        pass
