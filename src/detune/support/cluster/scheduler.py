"""The scheduler of a Dask cluster: whatever is wrong with it becomes one line."""

from __future__ import annotations

import logging
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import distributed
from distributed.client import FutureCancelledError
from distributed.comm import CommClosedError

from detune.support.errors import UserError

CONNECT_SECONDS = 10.0
"""How long a scheduler may take to answer."""

AGAIN = "docs/cluster.md tells how to start one, then run `dvc repro` again"


@contextmanager
def scheduler(address: str) -> Iterator[Any]:
    """A client of the scheduler; that it is not there, or no more, becomes one line.

    Raises:
        UserError: so it is.
    """
    # What Dask would say is said here, in one line.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        _require_open(address)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions: they are compared with the workers'
            client = distributed.Client(
                address,
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                direct_to_workers=True,  # results, such as spectrograms, pass the scheduler by
            )
    except (OSError, ValueError, distributed.TimeoutError) as error:
        raise UserError(f"{address}: no Dask scheduler answers there: {AGAIN}") from error
    try:
        yield client
    except (FutureCancelledError, CommClosedError) as error:
        raise UserError(
            f"{address}: the Dask scheduler was lost: start it and its workers, then run "
            "`dvc repro` again"
        ) from error
    except (ImportError, RuntimeError) as error:
        # The scheduler, too, takes tasks apart, and wraps what goes wrong.
        lacking = error.__cause__ or error
        if not isinstance(lacking, ImportError):
            raise
        raise UserError(
            f"{address}: the scheduler or a worker can't import this project ({lacking}): start "
            "all of them in its environment"
        ) from error
    finally:
        client.close(timeout=2)


def _require_open(address: str) -> None:
    """Find out at once that nothing listens there; Dask would try for a while.

    Raises:
        OSError: so it is.
        ValueError: the address has no such port.
    """
    parts = urlsplit(address)
    if parts.hostname and parts.port:
        socket.create_connection((parts.hostname, parts.port), CONNECT_SECONDS).close()
