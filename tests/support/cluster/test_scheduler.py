from __future__ import annotations

import socket

import pytest

from detune.support.cluster.scheduler import scheduler
from detune.support.errors import UserError


@pytest.fixture
def unused() -> str:
    """An address where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{taken.getsockname()[1]}"


def test_nothing_there_is_a_line(unused: str) -> None:
    message = rf"^{unused}: no Dask scheduler answers there: docs/cluster.md tells how"
    with pytest.raises(UserError, match=message), scheduler(unused):
        pass


@pytest.mark.parametrize("address", ["no-address", "tcp://", "tcp://127.0.0.1:port", "x://a:1"])
def test_what_is_no_address_is_a_line(address: str) -> None:
    message = rf"^{address}: no Dask scheduler answers"
    with pytest.raises(UserError, match=message), scheduler(address):
        pass
