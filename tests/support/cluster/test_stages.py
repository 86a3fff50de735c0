"""Stages on a cluster whose worker is killed, and on one whose scheduler is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from detune.support.cluster import dispatch
from tests.dask_cluster import Cluster, dask_cluster
from tests.pipeline.clones import Project, clone

STAGES = ("ingest", "split", "explore", "preprocess")
MAPPED = {"ingest", "explore", "preprocess"}


def at_second_item(monkeypatch: pytest.MonkeyPatch, harm: Any) -> None:
    """Do harm when a stage asks for the result of its second item."""
    answer = dispatch._Run.answer

    def harmed(self: Any, index: int, future: Any) -> Any:
        if index == 1:
            harm()
        return answer(self, index, future)

    monkeypatch.setattr(dispatch._Run, "answer", harmed)


def run(project: Project, stages: Sequence[str] = STAGES) -> dict[str, str]:
    """Every file of the results, by its hash, after the stages."""
    for stage in stages:
        told = project.stage(stage)
        assert told.startswith(f"{stage}: "), told
        assert "error" not in told, told
    return project.results()


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose stages ran on this machine."""
    project = clone(tmp_path_factory.mktemp("local"))
    run(project)
    return project


def test_a_killed_worker_in_every_stage_changes_no_byte(
    local: Project, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[None] = []
    at_second_item(monkeypatch, lambda: killed.append(cluster.kill_a_worker()))
    assert run(clone(tmp_path)) == local.results()
    assert len(killed) == len(MAPPED)


def test_a_killed_scheduler_leaves_results_and_the_next_run_completes(
    local: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = local.results()
    with dask_cluster(tmp_path, workers=1) as cluster, monkeypatch.context() as patch:
        patch.setenv("DASK_SCHEDULER_ADDRESS", cluster.address)
        at_second_item(patch, lambda: (cluster.scheduler.kill(), cluster.scheduler.wait()))
        for stage in ("ingest", "preprocess"):
            told = local.stage(stage)
            assert told.startswith(f"{stage}: error: {cluster.address}: ")
            assert "\n" not in told
    # A worker may still write an item of a stage that has ended; `make clean` takes it away.
    assert {name: local.results().get(name) for name in before} == before
    assert run(local, ("ingest", "preprocess")) == before
