"""What docs/sharing.md says, tried as written with a folder as the remote."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.pipeline.clones import Project, commit, stages_run


def owner_with_remote(
    project: Project, folder: Path, remote: str, options: Mapping[str, str]
) -> Project:
    """A copy of `project` in `folder` whose results were pushed to `remote`."""
    owner = Project(folder / "owner")
    shutil.copytree(project.folder, owner.folder)
    owner.dvc("remote", "add", "--default", "storage", remote)
    for name, value in options.items():
        owner.dvc("remote", "modify", "storage", name, value)
    commit(owner, "a remote")
    owner.dvc("push")
    return owner


def look_and_add_an_epsilon(owner: Project, folder: Path) -> None:
    """What a colleague does in a clone: look at pictures and sounds, then attack once more."""
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


@pytest.fixture(scope="module")
def shared(project: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A project whose results were pushed to a folder."""
    folder = tmp_path_factory.mktemp("sharing")
    return owner_with_remote(project, folder, str(folder / "storage"), {}), folder


def test_a_colleague_sees_all_results_and_adds_an_epsilon_without_the_music(
    shared: tuple[Project, Path],
) -> None:
    look_and_add_an_epsilon(*shared)


def test_the_model_is_an_artifact_that_others_get_by_name_with_its_card(
    shared: tuple[Project, Path],
) -> None:
    owner, folder = shared
    got = folder / "model"
    owner.run("git", "tag", "-a", "genre-cnn@v1.0.0", "-m", "a version of the model")
    owner.dvc("artifacts", "get", str(owner.folder), "genre-cnn", "--out", str(got))
    assert sorted(path.name for path in got.iterdir()) == ["README.md", "cnn.keras", "labels.json"]
    card = (got / "README.md").read_text(encoding="utf-8")
    assert "3 tracks (9 segments) of `embedded.yaml`: music that the project composes" in card
    assert "Genres: blues, classical, metal." in card


def test_attacks_of_a_revision_are_shown_to_another_networks(project: Project) -> None:
    command = (sys.executable, "-m", "detune.tools.transfer", "HEAD", "workspace")
    told = project.run(*command, "--epsilon", "0.1")
    rows = [
        line.split(" | ") for line in told.splitlines() if line.startswith(("| HEAD", "| work"))
    ]
    assert len(rows) == 4
    assert len({tuple(row[2:6]) for row in rows}) == 1, "it is the same network"
