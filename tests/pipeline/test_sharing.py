"""What docs/sharing.md says, tried as written with a folder as the remote."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.pipeline.clones import Project, commit, stages_run


@pytest.fixture(scope="module")
def shared(project: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A project whose results were pushed to a folder."""
    folder = tmp_path_factory.mktemp("sharing")
    owner = Project(folder / "owner")
    shutil.copytree(project.folder, owner.folder)
    owner.dvc("remote", "add", "--default", "storage", str(folder / "storage"))
    commit(owner, "a remote")
    owner.dvc("push")
    return owner, folder


def test_a_colleague_sees_all_results_and_adds_an_epsilon_without_the_music(
    shared: tuple[Project, Path],
) -> None:
    owner, folder = shared
    owner.run("git", "clone", "-q", str(owner.folder), str(folder / "colleague"))
    colleague = Project(folder / "colleague")
    colleague.dvc("pull", "--allow-missing", "plots/gradcam", "plots/listen")
    for path in ("plots/gradcam/pgd.png", "plots/listen/masked"):
        assert (colleague.folder / path).exists()

    colleague.change("params.yaml", {"attack.epsilons": [0.01, 0.1, 0.03]})
    cell = "attack@pgd-0.03"
    told = colleague.dvc("repro", "--pull", "--allow-missing", cell)
    assert cell in stages_run(told)
    assert not {"ingest", "explore", "preprocess", "train"} & set(stages_run(told))
    assert (colleague.folder / "data/attacks/pgd-0.03.npz").is_file()
    assert not (colleague.folder / "data/tracks").exists()


def test_the_model_is_an_artifact_that_others_get_by_name(shared: tuple[Project, Path]) -> None:
    owner, folder = shared
    got = folder / "model"
    owner.run("git", "tag", "-a", "genre-cnn@v1.0.0", "-m", "a version of the model")
    owner.dvc("artifacts", "get", str(owner.folder), "genre-cnn", "--out", str(got))
    assert sorted(path.name for path in got.iterdir()) == [
        *("cnn.keras", "labels.json", "test_logits.npy")
    ]
