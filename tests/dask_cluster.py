"""A Dask cluster of processes on this machine, started as docs/cluster.md says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
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
            if _computes(process)
        ]

    def kill_a_worker(self) -> None:
        """Kill a worker that computes, not the nanny that starts it again."""
        os.kill(self.computing()[0].ppid(), signal.SIGKILL)


@contextmanager
def dask_cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Start a scheduler, and workers of one thread each; `folder` takes their files."""
    file = folder / "scheduler.json"
    at = ["--scheduler-file", str(file), "--no-dashboard"]
    # It ends by itself, and its workers with it, if the tests are killed.
    alone = ["--host", "127.0.0.1", "--port", "0", "--idle-timeout", "10 minutes"]
    started = [_dask("scheduler", *at, *alone)]
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
            with suppress(psutil.NoSuchProcess):  # a test has ended it
                for each in psutil.Process(process.pid).children(recursive=True):
                    each.kill()
            process.kill()
            process.wait()


def _computes(process: psutil.Process) -> bool:
    try:
        return "detune.support.cluster.process" in process.cmdline()
    except psutil.Error:  # it has ended meanwhile
        return False


def _dask(*arguments: object) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
