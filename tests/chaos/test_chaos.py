from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.blows import BLOWS
from tests.chaos.campaign import Aftermath
from tests.chaos.damage import DAMAGES, Spoilt, apart, choose, cut, damage, flip
from tests.chaos.disks import Disk
from tests.chaos.outcomes import Outcome, missing, table
from tests.chaos.pairs import Pair, Plan, all_pairs
from tests.chaos.recovery import before_dvc, errors, follow
from tests.chaos.stages import exchanged, readers, stage_names
from tests.chaos.undisturbed import limit_files
from tests.chaos.workplace import Workplace, copy_of
from tests.pipeline.clones import ROOT, Project

SPLITS, CNN = "data/splits.csv", "data/model/cnn.keras"
DEPS = [{"path": "data/model"}]
LOCK = {
    "stages": {
        "split": {"deps": [], "outs": [{"path": SPLITS, "md5": "aa"}]},
        "train": {
            "deps": [{"path": SPLITS}],
            "outs": [{"path": "data/model", "md5": "bb.dir"}],
        },
        "attack@1": {"deps": DEPS, "outs": [{"path": "data/attacks/1.npz", "md5": "cc"}]},
        "attack@2": {"deps": DEPS, "outs": [{"path": "data/attacks/2.npz", "md5": "dd"}]},
        "robustness": {"deps": [{"path": "data/attacks"}], "outs": []},
    }
}
STAGES = ["split", "train", "attack", "robustness"]
CTRL_C = Pair("Ctrl-C", "train")
RIGHT = Outcome(CTRL_C, met=True, identical=True, one_line=True, manual=False, accepted=False)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A project of some stages, as far as a blow looks at it."""
    project = Project(tmp_path / "disk/project")
    for name in (SPLITS, CNN, "data/attacks/1.npz", "data/attacks/2.npz", "dvc.lock"):
        (project.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / name).write_text("track,split\n" * 50)
    (project.folder / "dvc.lock").write_text(json.dumps(LOCK))
    (tmp_path / "store/cache/files/md5/bb").mkdir(parents=True)
    (tmp_path / "store/cache/files/md5/bb/.dir").write_text("[]")
    disk, store = Disk(tmp_path / "disk", real=False), Disk(tmp_path / "store", real=False)
    return Workplace(project, disk, store, tmp_path, project.results(), LOCK, {})


def test_every_kind_of_blow_is_for_every_stage_and_every_exchanged_file(place: Workplace) -> None:
    assert stage_names(place) == STAGES
    assert exchanged(place) == [SPLITS, CNN, "data/attacks"]
    assert readers(place, SPLITS) == ["train"]
    pairs = all_pairs(place)
    everywhere = set(BLOWS) - {"a byte flipped in a checkpoint"}
    unmounted = {kind for kind in BLOWS if "full file system" in kind}
    assert {(kind, stage) for kind in everywhere - unmounted for stage in STAGES} <= set(pairs)
    assert {(kind, file) for kind in DAMAGES for file in exchanged(place)} <= set(pairs)
    assert not {kind for kind, _ in pairs} & unmounted


def test_a_disk_that_can_be_filled_takes_the_place_of_a_limit(place: Workplace) -> None:
    real = replace(
        place, disk=replace(place.disk, real=True), store=replace(place.store, real=True)
    )
    pairs = all_pairs(real)
    assert {stage for kind, stage in pairs if kind == "full file system"} == set(STAGES)
    assert [stage for kind, stage in pairs if kind == "full file system of DVC's cache"] == [
        "train"
    ]
    assert "no room: a limit on file size" not in {kind for kind, _ in pairs}


def test_every_stage_can_be_given_a_limit_of_what_it_writes(tmp_path: Path) -> None:
    harness = tmp_path / "harness.py"
    shutil.copy(ROOT / "stages/harness.py", harness)
    limit_files(harness)
    assert harness.read_text().count("limited(") == 2  # where it is defined, and where it is called


@pytest.mark.parametrize("again", [False, True])
def test_each_pair_is_dealt_once_before_any_is_dealt_again(place: Workplace, again: bool) -> None:
    plan, chance = Plan(all_pairs(place), 1, again=again), random.Random(1)
    dealt: list[Pair] = []
    while len(dealt) < len(plan.pairs):
        one = plan.next_round(place, chance)
        dealt += [one] if isinstance(one, Pair) else [Pair(each.kind, each.target) for each in one]
    assert sorted(dealt) == sorted(plan.pairs)
    assert bool(plan.next_round(place, chance)) == again


def test_files_are_damaged_at_once_where_each_has_a_reader_of_its_own(place: Workplace) -> None:
    def spoilt(kind: str, target: str) -> Spoilt:
        return choose(place, kind, target, random.Random(0))

    old = [spoilt("cut, old time", name) for name in (SPLITS, CNN, "data/attacks")]
    assert not apart(place, old[0], old[1])  # the reader of one writes the other
    assert not apart(place, old[1], old[2])
    assert apart(place, old[0], old[2])
    new = [spoilt("cut, new time", name) for name in (SPLITS, CNN)]
    assert apart(place, *new)
    assert not apart(place, new[0], old[2])
    assert not apart(place, new[0], spoilt("a byte flipped, new time", SPLITS))


@pytest.mark.parametrize("spoil", [flip, cut])
def test_damage_is_found(place: Workplace, spoil: Callable[[Path, random.Random], None]) -> None:
    kind = next(name for name, one in DAMAGES.items() if one == (spoil, False))
    batch = [choose(place, kind, name, random.Random(1)) for name in (SPLITS, CNN)]
    assert damage(place, batch, random.Random(1)) == []
    assert place.differences() == [CNN, SPLITS]


def test_a_damaged_file_that_no_stage_refuses_is_one_accepted(place: Workplace) -> None:
    after = Aftermath(came_back=True, different=[], beside=[], told=[""])
    assert after.outcome(CTRL_C, ["train: error: x"], met=True) == RIGHT
    assert after.outcome(CTRL_C, [""], met=True, refused=False).accepted
    assert replace(after, different=[CNN]).outcome(CTRL_C, [], met=True).accepted
    assert not replace(after, beside=["data/.x"]).outcome(CTRL_C, [], met=True).identical
    assert not after.outcome(CTRL_C, ["a: error: x\nb: error: y"], met=True).one_line
    assert replace(after, came_back=False).outcome(CTRL_C, [], met=True).manual


def test_a_lock_file_cut_in_two_is_a_difference(place: Workplace) -> None:
    (place.folder / "dvc.lock").write_text("{")
    assert place.differences() == ["dvc.lock"]
    assert copy_of(place.folder).parts[-2:] == ("disk.undisturbed", "project")


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


def test_where_dvc_tells_no_remedy_make_repro_does(place: Workplace) -> None:
    (place.folder / "src").symlink_to(ROOT / "src")
    (place.folder / "params.yaml").write_text("data: {}\n")
    (place.folder / "dvc.lock").write_text("")
    (error,) = errors(before_dvc(place))
    follow(place, error)
    assert not (place.folder / "dvc.lock").exists()
    assert before_dvc(place) == ""


def test_whatever_is_not_right_is_counted() -> None:
    wrong = replace(RIGHT, identical=False, accepted=True)
    twice = replace(RIGHT, pair=Pair("two runs at once", "split"), one_line=False, met=False)
    pairs = [CTRL_C, Pair("Ctrl-C", "split"), twice.pair]
    lines = table(pairs, [RIGHT, RIGHT, wrong, twice])
    assert "| Ctrl-C | 1 of 2 | 3 | 2 | 3 | 0 | 1 |" in lines
    assert lines[-1] == "| all | 1 of 3 | 4 | 3 | 3 | 0 | 1 |"
    assert missing(pairs, [RIGHT, twice]) == pairs[1:]
    assert RIGHT.right
    assert not wrong.right
    assert not replace(RIGHT, manual=True).right
