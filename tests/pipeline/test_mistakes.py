"""A user's mistake: one line that names the thing and the remedy, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.pipeline.clones import Project

MISTAKES: list[tuple[dict[str, Any], list[str]]] = [
    ({"preprocess.split.train": 0.9}, ["preprocess.split", "1.2", "sum to 1"]),
    ({"attack.epsilons": [0.01, 0.1, -0.5]}, ["attack.epsilons", "-0.5", "above 0"]),
    ({"attack.epsilons": [0.01, 0.1, "much"]}, ["attack.epsilons", "'much'", "numbers"]),
    ({"attack.epsilons": [0.01, 0.1, 0.1]}, ["attack.epsilons", "different"]),
    ({"attack.epsilons": [0.01]}, ["gradcam.epsilon", "0.1", "attack.epsilons"]),
    ({"gradcam.epsilon": 0.3}, ["gradcam.epsilon", "0.3", "attack.epsilons"]),
    ({"train.epochs": "many"}, ["train.epochs", "'many'", "whole number"]),
    ({"train.momentum": 0.9}, ["train.momentum", "unknown", "learning_rate"]),
    ({"preprocess.split.fold": 3}, ["preprocess.split.fold", "3", "preprocess.split.folds"]),
    ({"preprocess.split.folds": 4}, ["preprocess.split.folds", "'blues'", "3 tracks"]),
    ({"data.partition": "params.csv.yaml"}, ["data.partition", "CSV"]),
    ({"data.partition": "plots/robustness.csv"}, ["data.partition", "columns", "track"]),
    ({"data.path": "no/such/folder"}, ["data.path", "no/such/folder", "not there"]),
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
def test_a_wrong_parameter_costs_nothing(
    restored: Project, changes: dict[str, Any], named: list[str]
) -> None:
    before = kept(restored)
    restored.change("params.yaml", changes)
    told = restored.dvc("repro", succeed=False)
    (line,) = errors(told)
    assert all(word in line for word in named), line
    assert "Traceback" not in told
    assert kept(restored) == before


def test_a_genre_with_too_few_tracks_costs_nothing(restored: Project, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 4 * 22_050)
    for genre, count in (("dub", 3), ("ska", 2)):
        (tmp_path / genre).mkdir()
        for number in range(count):
            soundfile.write(tmp_path / genre / f"{number}.wav", noise, 22_050)
    before = kept(restored)
    restored.change("params.yaml", {"data.path": str(tmp_path)})
    told = restored.dvc("repro", succeed=False)
    (line,) = errors(told)
    assert "'ska'" in line
    assert "2 tracks" in line
    assert kept(restored) == before
