"""The process in which a worker of a Dask cluster computes items: `python -m` this module.

Items and results go through it as bytes, which only the stage and this process take apart: so the
worker itself needs none of the code that they belong to.
"""

from __future__ import annotations

import argparse
import os
import pickle
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from detune.support.cluster.environment import difference, environment
from detune.support.item_process import Raised, answer_items

IDLE_SECONDS = 60.0
"""After this long without an item the process ends; the worker starts another when needed."""

LOOK_SECONDS = 1.0
"""Between two looks whether the call still runs."""


def main(descriptor: int, file: Path) -> None:
    """Load the function of the call in `file`, report that, and answer items until all is done.

    Args:
        descriptor: of the pipe to the worker.
        file: the call, as `dispatch` writes it; it is gone when the call has ended.
    """
    connection = Connection(descriptor)
    threading.Thread(target=_end_with_call, args=(file,), daemon=True).start()
    try:
        function = _load(file)
    except Exception as error:
        connection.send(str(error) or repr(error))
        return
    connection.send(None)
    # Standard input ends with the worker, however that ends.
    answer_items(connection, partial(_answer, function), partial(os.read, 0, 1), IDLE_SECONDS)
    os._exit(0)


def _load(file: Path) -> Callable[[Any], Any]:
    """The function of the call, if this process would compute what the stage's would.

    Raises:
        RuntimeError: it would not.
    """
    call = pickle.loads(file.read_bytes())
    if other := difference(call["environment"], environment()):
        raise RuntimeError(f"has {other}")
    try:
        function: Callable[[Any], Any] = pickle.loads(call["function"])
    except Exception as error:
        raise RuntimeError(f"can't load what to compute ({error!r})") from error
    return function


def _answer(function: Callable[[Any], Any], item: bytes) -> bytes:
    """The result, or the error and its traceback, as bytes.

    Raises:
        MemoryError: it says something of this machine, so the worker is told.
    """
    try:
        return pickle.dumps(function(pickle.loads(item)))
    except MemoryError as error:
        raise MemoryError(str(error)) from error
    except Exception as error:
        trace = traceback.format_exc()
        try:
            return pickle.dumps(Raised(error, trace))
        except Exception:  # an error that can't be sent
            return pickle.dumps(Raised(RuntimeError(repr(error)), trace))


def _end_with_call(file: Path) -> None:
    """End this process once the call has ended, whatever it is doing."""
    while True:
        with suppress(OSError):  # of a network's file system that is away for a moment
            if not _is_there(file):
                os._exit(0)
        time.sleep(LOOK_SECONDS)


def _is_there(file: Path) -> bool:
    """Whether the file is there.

    Raises:
        OSError: nobody knows.
    """
    try:
        file.stat()
    except FileNotFoundError:
        return False
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog=f"python -m {__spec__.name}", description="Compute items for a Dask worker."
    )
    parser.add_argument("descriptor", type=int, help="of the pipe to the worker")
    parser.add_argument("file", type=Path, help="the call, as the stage wrote it")
    options = parser.parse_args()
    main(options.descriptor, options.file)
