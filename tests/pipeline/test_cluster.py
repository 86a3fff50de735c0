"""The pipeline on a Dask cluster: the results of one machine, whatever dies meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

import psutil
import pytest

pytest.importorskip("distributed", reason="Dask is not installed: run `make setup`")

from tests.dask_cluster import Cluster, dask_cluster
from tests.pipeline.clones import Project, clone

ADDRESS = "DASK_SCHEDULER_ADDRESS"


def kill_workers(cluster: Cluster, ended: threading.Event, killed: list[int]) -> None:
    """Every few seconds kill a worker that computes, until the event."""
    while not ended.wait(4):
        try:
            killed.append(cluster.kill_a_worker())
        except (IndexError, psutil.NoSuchProcess):
            continue  # none computes now


def test_all_stages_give_the_same_bytes_while_workers_are_killed(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again, ended, killed = clone(tmp_path / "clone"), threading.Event(), list[int]()
    with dask_cluster(tmp_path, workers=3) as cluster:
        monkeypatch.setenv(ADDRESS, cluster.address)
        killer = threading.Thread(target=kill_workers, args=(cluster, ended, killed))
        killer.start()
        try:
            again.reproduce()
        finally:
            ended.set()
            killer.join()
    assert killed
    first, second = project.results(), again.results()
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] != second[name]} == set()


def test_a_scheduler_that_dies_costs_nothing_that_was_done(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = clone(tmp_path / "clone")
    for stage in ("ingest", "split"):
        again.stage(stage)
    done = again.results()
    with dask_cluster(tmp_path, workers=1) as cluster:
        monkeypatch.setenv(ADDRESS, cluster.address)
        command = ["env", "PYTHONPATH=src", "python", "stages/preprocess.py"]
        with subprocess.Popen(
            command, cwd=again.folder, env=again.environment(), stderr=subprocess.PIPE, text=True
        ) as stage:
            cluster.wait_until_it_computes()
            os.kill(cluster.scheduler.pid, signal.SIGKILL)
            told = stage.communicate()[1]
        assert stage.returncode == 1
        line = told.strip().splitlines()[-1]
        assert line.startswith(f"preprocess: error: {cluster.address}: the Dask scheduler was lost")
        assert {name: again.results()[name] for name in done} == done
    # Nobody is there now; without the variable the stage runs as ever.
    told = again.stage("preprocess")
    assert "no Dask scheduler answers there" in told
    monkeypatch.delenv(ADDRESS)
    again.stage("preprocess")
    segments = "data/segments/test.npy"
    assert again.results()[segments] == project.results()[segments]
