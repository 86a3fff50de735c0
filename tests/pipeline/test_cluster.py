"""The pipeline on a Dask cluster: the results of one machine, whatever dies meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="Dask is not installed: run `make setup`")

from tests.dask_cluster import dask_cluster
from tests.pipeline.clones import Project, clone

ADDRESS = "DASK_SCHEDULER_ADDRESS"


def test_all_stages_give_the_same_bytes_while_workers_are_killed(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again, ended = clone(tmp_path / "clone"), threading.Event()
    with dask_cluster(tmp_path, workers=3) as cluster, ThreadPoolExecutor(1) as threads:
        monkeypatch.setenv(ADDRESS, cluster.address)
        calls = threads.submit(cluster.kill_a_worker_a_call, ended)
        try:
            again.reproduce()
        finally:
            ended.set()
    assert len(calls.result()) >= 5  # ingest, explore, preprocess, and later ones
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
