from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.blows import AT_FILES, AT_STAGES, cut, damage, exchanged, flip, readers
from tests.chaos.campaign import KINDS, Outcome, plan, table
from tests.chaos.recovery import errors, follow
from tests.chaos.workplace import Workplace
from tests.pipeline.clones import Project

LOCK = {
    "stages": {
        "split": {"deps": [], "outs": [{"path": "data/splits.csv", "md5": "aa"}]},
        "train": {
            "deps": [{"path": "data/splits.csv"}],
            "outs": [{"path": "data/model", "md5": "bb.dir"}],
        },
    }
}
RIGHT = Outcome("Ctrl-C", "train", identical=True, one_line=True, manual=False, accepted=False)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A project of two stages, as far as a blow looks at it."""
    folder = tmp_path / "project"
    (folder / "data/model").mkdir(parents=True)
    (folder / "data/splits.csv").write_text("track,split\n" * 50)
    (folder / "data/model/cnn.keras").write_text("weights")
    (folder / "dvc.lock").write_text(json.dumps(LOCK))
    project = Project(folder)
    return Workplace(project, tmp_path, project.results(), LOCK, {})


def test_every_kind_of_blow_meets_every_stage_and_every_exchanged_file(place: Workplace) -> None:
    pairs = plan(place, random.Random(0))
    assert {(kind, stage) for kind in AT_STAGES for stage in ("split", "train")} <= set(pairs)
    assert {(kind, "data/splits.csv") for kind in AT_FILES} <= set(pairs)
    assert {kind for kind, _ in pairs} == set(KINDS)
    assert exchanged(place) == ["data/splits.csv"]
    assert readers(place, "data/splits.csv") == ["train"]


@pytest.mark.parametrize("spoil", [flip, cut])
def test_damage_is_found_and_put_right(place: Workplace, spoil: object) -> None:
    assert callable(spoil)
    damage(spoil, keep_time=False)(place, "data/splits.csv", random.Random(1))
    assert place.differences() == ["data/splits.csv"]


def test_a_byte_more_beside_the_results_is_found(place: Workplace) -> None:
    (place.folder / "data/.tracks.writing.csv").touch()
    assert place.leftovers() == ["data/.tracks.writing.csv"]
    assert place.processes(0) == []


def test_the_remedy_of_an_error_is_followed(place: Workplace) -> None:
    told = "Running\ntrain: error: data/splits.csv: damaged, not what `split` wrote: remove it\nx"
    (error,) = errors(told)
    follow(place, error)
    assert not (place.folder / "data/splits.csv").exists()
    follow(place, error)


def test_whatever_is_not_right_is_counted() -> None:
    wrong = replace(RIGHT, identical=False, accepted=True)
    lines = table([RIGHT, RIGHT, wrong, replace(RIGHT, one_line=False, kind="two runs at once")])
    assert "| Ctrl-C | 3 | 2 | 3 | 0 | 1 |" in lines
    assert lines[-1] == "| all | 4 | 3 | 3 | 0 | 1 |"
    assert RIGHT.right
    assert not wrong.right
    assert not replace(RIGHT, manual=True).right
