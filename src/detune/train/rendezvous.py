"""All machines that train together wait for each other, before TensorFlow waits for ever."""

from __future__ import annotations

import errno
import socket
import time

from detune.support.errors import UserError
from detune.train.tf_config import VARIABLE, Cluster

PAUSE = 0.2
"""Seconds between two attempts to reach the chief."""


def meet(cluster: Cluster, seconds: float) -> None:
    """Return when all have come.

    Each listens on its own port, which shows that it is free; the chief is told of the others,
    and tells them to go on.

    Args:
        cluster: the machines, and which of them this is.
        seconds: how long to wait.

    Raises:
        UserError: the port is taken, or a machine has not come.
    """
    deadline = time.monotonic() + seconds
    with _listening(cluster) as own:
        if cluster.chief:
            _wait_for_others(cluster, own, deadline)
        else:
            _wait_for_chief(cluster, deadline)


def _listening(cluster: Cluster) -> socket.socket:
    """A socket on this machine's own port."""
    port = int(cluster.addresses[cluster.index].rpartition(":")[2])
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        own.bind(("", port))
        own.listen(len(cluster.addresses))
    except OSError as error:
        own.close()
        why = "taken by another process" if error.errno == errno.EADDRINUSE else error.strerror
        raise UserError(
            f"{VARIABLE}: port {port} is {why}: end that process, or name another port on all "
            "machines"
        ) from error
    return own


def _wait_for_others(cluster: Cluster, own: socket.socket, deadline: float) -> None:
    """Wait until each has said its number, then answer all."""
    here: dict[int, socket.socket] = {}
    while len(here) < len(cluster.addresses) - 1:
        own.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            caller, _ = own.accept()
            caller.settimeout(max(0.01, deadline - time.monotonic()))
            said = caller.recv(8).decode(errors="replace")
        except TimeoutError as error:
            absent = set(range(1, len(cluster.addresses))) - set(here)
            names = " and ".join(cluster.addresses[number] for number in sorted(absent))
            raise UserError(
                f"no training together: {names} did not come: start all machines of {VARIABLE}, "
                "and open their ports"
            ) from error
        if said.isdecimal() and 0 < int(said) < len(cluster.addresses):
            here[int(said)] = caller  # the latest, where one was started anew
    for caller in here.values():
        with caller:
            caller.sendall(b"go")


def _wait_for_chief(cluster: Cluster, deadline: float) -> None:
    """Say the own number to the chief, and wait until it answers."""
    host, _, port = cluster.addresses[0].rpartition(":")
    while time.monotonic() < deadline:
        try:
            remaining = max(0.01, deadline - time.monotonic())
            with socket.create_connection((host.strip("[]"), int(port)), remaining) as chief:
                chief.sendall(str(cluster.index).encode())
                if chief.recv(8) == b"go":
                    return
        except OSError:
            pass  # not there yet, or started anew
        time.sleep(PAUSE)
    raise UserError(
        f"no training together: the chief, {cluster.addresses[0]}, cannot be reached: start all "
        f"machines of {VARIABLE}, and open their ports"
    )
