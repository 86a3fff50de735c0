"""A user's mistake: one line that names the thing and the remedy, and nothing is lost."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import soundfile

from tests.pipeline.clones import Project

MISTAKES: list[tuple[dict[str, Any], list[str]]] = [
    ({"preprocess.split.train": 0.9}, ["preprocess.split", "1.2", "sum to 1"]),
    ({"attack.epsilons": [0.01, 0.1, 1.5]}, ["attack.epsilons", "1.5", "at most 1"]),
    ({"attack.methods": ["fgsm", "pgd", "deepfool"]}, ["attack.methods", "deepfool", "square"]),
    ({"attack.epsilons": [0.01, 0.1, "much"]}, ["attack.epsilons", "'much'", "numbers"]),
    ({"attack.epsilons": [0.01, 0.1, 0.1]}, ["attack.epsilons", "different"]),
    ({"attack.epsilons": [0.01]}, ["gradcam.epsilon", "0.1", "attack.epsilons"]),
    ({"gradcam.epsilon": 0.3}, ["gradcam.epsilon", "0.3", "attack.epsilons"]),
    ({"train.epochs": "many"}, ["train.epochs", "'many'", "whole number"]),
    ({"train.momentum": 0.9}, ["train.momentum", "unknown", "learning_rate"]),
    ({"preprocess.split.fold": 3}, ["preprocess.split.fold", "3", "preprocess.split.folds"]),
    (
        {"preprocess.split.folds": 4},
        ["preprocess.split.folds", "'blues'", "3 separate tracks", "lower it"],
    ),
    ({"gradcam.target": "polka"}, ["gradcam.target", "'polka'", "blues"]),
    ({"data.partition": "data/embedded.yaml"}, ["data.partition", "CSV"]),
    ({"data.path": "no/such/folder"}, ["data.path", "no/such/folder", "not there"]),
    ({"data.path": "params.yaml.zip"}, ["data.path", "params.yaml.zip", "not there"]),
    ({"data.path": "dvc.lock"}, ["data.path", "dvc.lock", "can't be imported"]),
    ({"data.path": "src"}, ["data.path", "no audio in src", "<genre>"]),
]


@pytest.fixture
def restored(project: Project) -> Iterator[Project]:
    """The project, its parameters put back afterwards."""
    path = project.folder / "params.yaml"
    before = path.read_bytes()
    yield project
    path.write_bytes(before)


def kept(project: Project) -> dict[str, str]:
    """All results but the mark that the check itself leaves, and takes away."""
    return {k: v for k, v in project.results().items() if k != "data/validated.txt"}


def errors(told: str) -> list[str]:
    return [line for line in told.splitlines() if ": error: " in line]


@pytest.mark.parametrize(("changes", "named"), MISTAKES)
def test_a_wrong_parameter_is_one_line(
    restored: Project, changes: dict[str, Any], named: list[str]
) -> None:
    restored.change("params.yaml", changes)
    line = restored.stage("validate")
    assert line.startswith("validate: error: ")
    assert "\n" not in line
    assert all(word in line for word in named), line


@pytest.mark.parametrize("changes", [MISTAKES[0][0], {"attack.epsilons": [0.01, 0.1, "much"]}])
def test_a_wrong_parameter_costs_nothing(restored: Project, changes: dict[str, Any]) -> None:
    before = kept(restored)
    restored.change("params.yaml", changes)
    told = restored.dvc("repro", succeed=False)
    assert len(errors(told)) == 1
    assert "Traceback" not in told
    assert kept(restored) == before


def test_a_genre_with_too_few_tracks_is_named(restored: Project, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 4 * 22_050)
    for genre, count in (("dub", 3), ("ska", 2)):
        (tmp_path / genre).mkdir()
        for number in range(count):
            soundfile.write(tmp_path / genre / f"{number}.wav", noise, 22_050)
    restored.change("params.yaml", {"data.path": str(tmp_path)})
    line = restored.stage("validate")
    assert "'ska'" in line
    assert "2 tracks" in line


FULL_DISK = """
def _full(*_):
    raise OSError(28, "No space left on device", "checkpoint.npz")
Crops.epoch = _full
"""


def test_a_full_disk_costs_the_training_and_no_earlier_result(project: Project) -> None:
    code, before = project.folder / "src/detune/train/crops.py", kept(project)
    written = code.read_text()
    code.write_text(written + FULL_DISK)
    try:
        (line,) = errors(project.dvc("repro", "train", succeed=False))
    finally:
        code.write_text(written)
    assert line.startswith("train: error: checkpoint.npz: No space left on device: free disk space")
    for command in re.findall("`(.*?)`", line):
        project.run(*command.split())
    assert kept(project) == before


def no_model(folder: Path) -> None:
    (folder / "data/model/cnn.keras").unlink()


def no_network(folder: Path) -> None:
    (folder / "data/model/cnn.keras").write_bytes(b"not a network")


def another_shape(folder: Path) -> None:
    inputs = keras.Input((64, 130, 1))
    outputs = keras.layers.Dense(3)(keras.layers.Flatten()(inputs))
    keras.Model(inputs, outputs).save(folder / "data/model/cnn.keras")


def other_genres(folder: Path) -> None:
    path = folder / "data/model/labels.json"
    path.write_text(json.dumps({"genres": ["blues", "classical", "polka"]}))


def not_a_number(folder: Path) -> None:
    segments = np.load(folder / "data/segments/test.npy")
    segments[1, 2, 3] = np.nan
    np.save(folder / "data/segments/test.npy", segments)


BROKEN: dict[Callable[[Path], None], list[str]] = {
    no_model: ["cnn.keras", "no model", "dvc repro train"],
    no_network: ["cnn.keras", "damaged", "dvc repro train"],
    another_shape: ["cnn.keras", "64", "dvc repro train"],
    other_genres: ["genres", "dvc repro"],
    not_a_number: ["not in [0, 1]", "dvc repro preprocess"],
}


@pytest.mark.parametrize(("spoil", "words"), BROKEN.items())
def test_what_cannot_be_attacked_leaves_no_cell(
    project: Project, tmp_path: Path, spoil: Callable[[Path], None], words: list[str]
) -> None:
    # Imported within a stage, ART would close the streams that pytest captures.
    import_module("detune.attack.art_imports")
    spoilt = Project(tmp_path / "spoilt")
    ignored = shutil.ignore_patterns("cache", "tracks")
    shutil.copytree(project.folder, spoilt.folder, ignore=ignored)
    spoil(spoilt.folder)
    line = spoilt.stage("attack", "pgd", "0.03")
    assert line.startswith("attack: error: ")
    assert "\n" not in line
    assert all(word in line for word in words), line
    assert not list(spoilt.folder.glob("*/attack*/pgd-0.03*"))


PARTITIONS = [
    ("track,part\nblues.00000,test\n", {}, ["data.partition", "columns track, part"]),
    ("track,split\nnobody,test\n", {}, ["data.partition", "none of the tracks", "'nobody'"]),
    ("track,split\nblues.00000,test\n", {"folds": 3}, ["preprocess.split.folds", "set folds to 0"]),
    (
        "track,group\nblues.00000,band\nblues.00001,band\nblues.00002,band\n",
        {},
        ["genre 'blues' has 1 separate tracks or groups, too few"],
    ),
]


@pytest.mark.parametrize(("text", "split", "named"), PARTITIONS)
def test_a_wrong_partition_is_one_line(
    restored: Project, tmp_path: Path, text: str, split: dict[str, int], named: list[str]
) -> None:
    (tmp_path / "partition.csv").write_text(text)
    changes = {f"preprocess.split.{key}": value for key, value in split.items()}
    restored.change("params.yaml", {"data.partition": str(tmp_path / "partition.csv")} | changes)
    line = restored.stage("validate")
    assert line.startswith("validate: error: ")
    assert all(word in line for word in named), line


def test_a_missing_partition_costs_nothing(restored: Project, tmp_path: Path) -> None:
    before = kept(restored)
    restored.change("params.yaml", {"data.partition": str(tmp_path / "partition.csv")})
    # DVC itself looks for dependencies, and says so.
    assert f"No such file or directory: '{tmp_path / 'partition.csv'}'" in restored.dvc(
        "repro", succeed=False
    )
    assert kept(restored) == before


@pytest.mark.parametrize(
    ("key", "value"),
    [("attack.epsilons", 0.1), ("attack.methods", "fgsm"), ("attack.waveform.levels", [])],
)
def test_a_value_without_brackets_is_one_line_of_dvc(
    restored: Project, key: str, value: object
) -> None:
    before = kept(restored)
    restored.change("params.yaml", {key: value})
    (line,) = restored.dvc("status", succeed=False).splitlines()
    assert line.startswith("ERROR: failed to parse 'stages.write-a-list-in-brackets.matrix'")
    assert f"'{key}.0'" in line
    assert kept(restored) == before


def test_a_fraction_leaves_no_folder(restored: Project) -> None:
    """`dvc exp run` makes the folders of all outputs before the first stage can refuse a value."""
    folders = [restored.folder / "data" / name for name in ("attacks", "waveform")]
    for folder in folders:
        (folder / "pgd-8").mkdir()
    restored.change("params.yaml", {"attack.epsilons": ["8/255"]})
    assert restored.stage("validate").startswith("validate: error: attack.epsilons: ['8/255']")
    assert [path for folder in folders for path in folder.iterdir() if path.is_dir()] == []
