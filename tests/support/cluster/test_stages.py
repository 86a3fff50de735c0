"""Stages on a cluster whose worker is killed, and on one whose scheduler is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.network.model_file import predict_logits, save_model
from detune.network.test_logits import save_test_logits
from detune.support.cell_store import Matrix, take_cell
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


CELLS = (("fgsm", "0.01"), ("pgd", "0.01"))


@pytest.fixture(scope="module")
def attacked(local: Project, network: Any, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a network, whose attacks and controls ran on this machine."""
    # Imported within a stage, ART would close the streams that pytest captures.
    import_module("detune.attack.art_imports")
    project = copied(local, tmp_path_factory.mktemp("attacked"))
    model = project.folder / "data/model"
    save_model(network, ["blues", "classical", "metal"], model)
    segments = np.load(project.folder / "data/segments/test.npy")
    save_test_logits(predict_logits(network, segments), model)
    for cell in CELLS:
        assert project.stage("attack", *cell).startswith(f"attack: {'-'.join(cell)}: ")
    assert project.stage("controls").startswith("controls: of ")
    return project


def copied(project: Project, folder: Path) -> Project:
    shutil.copytree(project.folder, folder, dirs_exist_ok=True)
    return Project(folder)


def test_a_worker_killed_in_cells_or_controls_changes_no_byte(
    attacked: Project, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copied(attacked, tmp_path)
    for name in ("data/attacks", "metrics/attack"):
        shutil.rmtree(project.folder / name)
    (project.folder / "data/controls.json").unlink()
    killed: list[None] = []
    at_second_item(monkeypatch, lambda: killed.append(cluster.kill_a_worker()))
    with as_dvc_would(project):
        told = project.stage("attack", *CELLS[0])
    assert told.startswith("attack: fgsm-0.01: "), told
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder)
        assert str(take_cell("attack", CELLS[1])).startswith("pgd-0.01: ")
    assert project.stage("controls").startswith("controls: of ")
    assert project.results() == attacked.results()
    assert len(killed) == 2


@contextmanager
def as_dvc_would(project: Project) -> Iterator[None]:
    """Let stages believe that DVC runs the first cell, and would run the others next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(project.folder / "stages"))
        harness = import_module("harness")
        inputs = frozenset({"data/model", "data/segments", "params.yaml"})
        patch.setattr(harness, "DVC", os.getpid())
        patch.setattr(harness, "require_intact", lambda _: None)
        found = Matrix(CELLS[1:], inputs)
        patch.setattr("detune.support.stale_cells.stale_cells", lambda *_: found)
        yield


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
