from __future__ import annotations

from pathlib import Path

import pytest

from detune.review.revision import WORKSPACE, open_revision
from detune.support.errors import UserError
from tests.review.conftest import write_results


def test_a_commit_and_the_workspace_have_their_own_files(repository: Path) -> None:
    good, now = (open_revision(name, str(repository)) for name in ("good", WORKSPACE))
    assert good.yaml("params.yaml")["train"] == {"epochs": 10}
    assert now.yaml("params.yaml")["train"] == {"epochs": 3}
    assert list(good.metrics()) == ["checks", "gradcam", "robustness"]
    assert good.rows("plots/outcomes.csv")[0]["clean"] == "pop"


def test_a_revision_that_does_not_exist_is_one_line(repository: Path) -> None:
    with pytest.raises(UserError, match="nowhere: no such commit"):
        open_revision("nowhere", str(repository))


def test_a_remote_that_needs_another_package_is_not_asked(tmp_path: Path) -> None:
    write_results(tmp_path, right=1.0)
    (tmp_path / ".dvc/config").write_text(
        "[core]\n    remote = far\n['remote \"far\"']\n    url = s3://nowhere/results\n"
    )
    (tmp_path / "dvc.yaml").write_text("stages:\n  train:\n    cmd: x\n    outs: [data/model]\n")
    revision = open_revision(WORKSPACE, str(tmp_path))
    assert revision.json("metrics/checks.json")["trustworthy"]
    assert revision.npz("data/model") is None


def test_a_folder_without_repository_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no DVC repository"):
        open_revision(WORKSPACE, str(tmp_path))


def test_a_file_that_is_missing_or_damaged_is_one_line(repository: Path) -> None:
    empty = open_revision("empty", str(repository))
    with pytest.raises(UserError, match=r"empty: no plots/outcomes.csv .* `dvc repro`"):
        empty.rows("plots/outcomes.csv")
    with pytest.raises(UserError, match=r"good: params.yaml is not JSON"):
        open_revision("good", str(repository)).json("params.yaml")
