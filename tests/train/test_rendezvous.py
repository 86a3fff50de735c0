from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from detune.support.errors import UserError
from detune.train.rendezvous import meet
from detune.train.tf_config import Cluster, cluster_of
from tests.train.test_tf_config import config


def clusters(count: int) -> list[Cluster]:
    """The configuration of each of so many machines, on free ports of this one."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("localhost", 0))
    workers = {"worker": [f"localhost:{one.getsockname()[1]}" for one in sockets]}
    for one in sockets:
        one.close()
    found = [cluster_of(config(workers, index=index)) for index in range(count)]
    return [one for one in found if one]


def test_three_meet_in_any_order() -> None:
    three = clusters(3)
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(meet, three[index], 30.0) for index in (2, 0, 1)]:
            done.result()


def test_who_did_not_come_is_named() -> None:
    three = clusters(3)
    with ThreadPoolExecutor(2) as pool:
        chief, here = (pool.submit(meet, three[index], 0.5) for index in (0, 1))
        with pytest.raises(UserError, match=rf"{three[0].addresses[2]} did not come: start all"):
            chief.result()
        with pytest.raises(UserError, match=rf"chief, {three[0].addresses[0]}, cannot be reached"):
            here.result()


def test_a_port_that_is_taken_is_named() -> None:
    second = clusters(2)[1]
    port = int(second.addresses[1].rpartition(":")[2])
    with socket.create_server(("", port)), pytest.raises(UserError, match=f"{port} is taken"):
        meet(second, 0.1)
