"""DVC runs a small matrix, and what it would run next is what `stale_cells` names."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

from detune.support.stale_cells import stale_cells

PIPELINE = {
    "stages": {
        "attack": {
            "matrix": {"method": "${methods}", "epsilon": "${epsilons}"},
            "cmd": "cp model out-${item.method}-${item.epsilon} # a.py ${item.method} "
            "${item.epsilon}",
            "deps": ["model"],
            "params": ["seed"],
            "outs": ["out-${item.method}-${item.epsilon}"],
        }
    }
}

OWN = ("fgsm", "0.1")
OTHERS = {("fgsm", "0.2"), ("pgd", "0.1"), ("pgd", "0.2")}


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.chdir(tmp_path)
    made = Repo.init(no_scm=True)
    Path("dvc.yaml").write_text(yaml.safe_dump(PIPELINE))
    Path("params.yaml").write_text(
        yaml.safe_dump({"methods": ["fgsm", "pgd"], "epsilons": [0.1, 0.2], "seed": 1})
    )
    Path("model").write_text("1")
    return made


def stale(*command: str) -> set[tuple[str, ...]]:
    return set(stale_cells("attack", OWN, ["dvc", "repro", *command]).stale)


def test_dvc_would_run_what_is_new_or_of_another_model_and_nothing_it_has_cached(
    repo: Repo,
) -> None:
    assert stale() == OTHERS
    repo.reproduce()
    assert stale() == set()
    params = Path("params.yaml").read_text()
    Path("params.yaml").write_text(params.replace("- 0.1", "- 0.1\n- 0.3"))
    assert stale() == {("fgsm", "0.3"), ("pgd", "0.3")}
    Path("params.yaml").write_text(params)
    Path("model").write_text("2")
    assert stale() == OTHERS
    repo.reproduce()
    Path("model").write_text("1")  # DVC has these runs in its cache
    assert stale() == set()


def test_outputs_that_are_missing_are_made_unless_dvc_may_miss_them(repo: Repo) -> None:
    repo.reproduce()
    for path in Path().glob("out-*"):
        path.unlink()
    repo.cache.local.clear()
    assert stale() == OTHERS
    assert stale("--allow-missing") == set()


def test_a_command_that_names_cells_runs_no_other(repo: Repo) -> None:
    assert stale("attack@fgsm-0.1") == set()


def test_what_a_cell_depends_on(repo: Repo) -> None:
    assert stale_cells("attack", OWN, []).inputs == {"model", "dvc.yaml", "params.yaml"}


def test_where_dvc_does_not_answer_each_cell_is_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert stale() == set()


@pytest.mark.usefixtures("repo")
def test_where_dvcs_database_is_on_a_full_disk_no_cell_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("dvc.stage.Stage.changed", full)
    assert stale() == set()
