"""A Dask cluster of processes on this machine, started as docs/cluster.md says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from detune.support.import_closure import LIBRARY

START_SECONDS = 60.0


@dataclass(frozen=True)
class Cluster:
    """Its scheduler's address, and the processes that were started."""

    address: str
    scheduler: subprocess.Popen
    workers: tuple[subprocess.Popen, ...]

    def computing(self) -> list[psutil.Process]:
        """The processes that compute items now."""
        return [
            process
            for worker in self.workers
            for process in psutil.Process(worker.pid).children(recursive=True)
            if process.status() != psutil.STATUS_ZOMBIE
            and "detune.support.cluster.process" in process.cmdline()
        ]

    def wait_until_it_computes(self) -> None:
        """Wait for the first process that computes items."""
        end = time.monotonic() + START_SECONDS
        while not self.computing():
            assert time.monotonic() < end
            time.sleep(0.01)

    def kill_a_worker_a_call(self, ended: threading.Event) -> list[str]:
        """Until the event, in each call kill one worker that computes; return the calls.

        The nanny of that worker starts it again.
        """
        calls: list[str] = []
        while not ended.wait(0.02):
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                for process in self.computing():
                    call = process.cmdline()[-1]
                    if call not in calls:
                        os.kill(process.ppid(), signal.SIGKILL)
                        calls.append(call)
        return calls


@contextmanager
def dask_cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Start a scheduler, and workers of one thread each; `folder` takes their files."""
    file = folder / "scheduler.json"
    at = ["--scheduler-file", str(file), "--no-dashboard"]
    started = [_dask("scheduler", *at, "--host", "127.0.0.1", "--port", "0")]
    try:
        end = time.monotonic() + START_SECONDS
        while not (file.is_file() and file.read_text()):
            assert started[0].poll() is None and time.monotonic() < end
            time.sleep(0.05)
        for _ in range(workers):
            started.append(_dask("worker", *at, "--nthreads", "1", "--local-directory", folder))
        yield Cluster(json.loads(file.read_text())["address"], started[0], tuple(started[1:]))
    finally:
        for process in started:
            for each in [*psutil.Process(process.pid).children(recursive=True), process]:
                each.kill()
            process.wait()


def _dask(*arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(LIBRARY.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
