"""The small pipeline on a cluster of three workers, one killed in each stage: the same bytes?

python -m tests.benchmarks.cluster_pipeline

The tests show that of single stages; this takes minutes. DVC runs it on the cluster, and one
process of this machine without. Exit status 1 means that a file differs.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from detune.support.pool import SCHEDULER
from tests.dask_cluster import Cluster, dask_cluster
from tests.pipeline.clones import Project, clone

WORKERS = 3
LOOK_SECONDS = 0.2


def stage_of(command: list[str]) -> str | None:
    """The stage that a command runs, if it is one."""
    return next((found[1] for word in command if (found := re.match(r"stages/(\w+)", word))), None)


def running_stage() -> str | None:
    """The stage that this process has started by DVC, if any is at work."""
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if stage := stage_of(child.cmdline()):
                return stage
    return None


@contextmanager
def killing(cluster: Cluster) -> Iterator[set[str]]:
    """Kill one worker in each stage that has items; yield their names, which are added later."""
    killed: set[str] = set()
    end = threading.Event()

    def look() -> None:
        while not end.wait(LOOK_SECONDS):
            stage = running_stage()
            with suppress(psutil.Error, ProcessLookupError):
                if stage and stage not in killed and cluster.computing():
                    cluster.kill_a_worker()
                    killed.add(stage)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield killed
    finally:
        end.set()
        thread.join()


def on_cluster(project: Project, folder: Path) -> None:
    """Let DVC run the project on a cluster, and tell which stages lost a worker."""
    with dask_cluster(folder, WORKERS) as cluster, killing(cluster) as killed:
        os.environ[SCHEDULER] = cluster.address
        project.dvc("repro")
        del os.environ[SCHEDULER]
    print("a worker was killed in", *sorted(killed), flush=True)


def main() -> int:
    """Run both, compare, and return the exit status."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, part) for part in ("dask", "cluster", "local")]
        for folder in folders:
            folder.mkdir()
        projects = [clone(folder) for folder in folders[1:]]
        start = time.monotonic()
        on_cluster(projects[0], folders[0])
        print(f"on the cluster: {time.monotonic() - start:.0f} s", flush=True)
        projects[1].reproduce()
        there, here = (project.results() for project in projects)
    differing = sorted(file for file in there | here if there.get(file) != here.get(file))
    print(f"{len(here)} files, {len(differing)} differ", *differing)
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main())
