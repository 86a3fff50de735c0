"""The first stages on a folder of hostile names and things; `make chaos` runs all of them on it."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from tests.hostile import GENRES, NAMES, faults_of_tables, make_music, make_special_files
from tests.pipeline.clones import Project, clone


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A clone whose `data.path` is that folder."""
    folder = tmp_path_factory.mktemp("hostile")
    project = clone(folder / "project")
    make_music(folder / "music")
    project.change("params.yaml", {"data.path": str(folder / "music")})
    (project.folder / "metrics").mkdir()
    return project, folder / "music"


def test_what_dvc_would_wait_for_is_named_thing_by_thing(hostile: tuple[Project, Path]) -> None:
    project, music = hostile
    waiting = make_special_files(music)
    for left in range(len(waiting) - 1, -1, -1):
        line = project.stage("validate")
        assert line.startswith("validate: error: data.path: ")
        assert line.isprintable()
        assert line.endswith(f" (and {left} more)") == bool(left)
        shown = {path: ascii(path.name)[1:-1].replace("\\udc", "\\x") for path in waiting}
        (named,) = (path for path in waiting if f"/{shown[path]} " in line)
        named.unlink()
        waiting.remove(named)
    assert project.stage("validate") == "validate: parameters and data.path are in order"


def test_the_rest_is_used_counted_and_harmless(hostile: tuple[Project, Path]) -> None:
    project, _ = hostile
    told = project.stage("ingest")
    assert told.startswith(f"ingest: {len(GENRES) * len(NAMES)} tracks, 4 genres, 4 quarantined")
    with (project.folder / "data/quarantine.csv").open(newline="") as stream:
        left_out = {
            row["source"].rpartition("/")[2]: row["reason"] for row in csv.DictReader(stream)
        }
    assert set(left_out) == {
        r"-newline\n.wav",
        r"\x1b[31mred\x07.wav",
        "x" * 251 + ".wav",
        "=broken.wav",
    }
    counts = json.loads((project.folder / "metrics/ingest.json").read_text())
    assert counts["notes"] == {"renamed": 2 * len(NAMES)}
    assert project.stage("split").startswith("split: train ")
    assert faults_of_tables(project.folder) == []


@pytest.mark.parametrize("key", ["path", "partition"])
@pytest.mark.parametrize("name", ["pipe.csv", "pipe", "pipe.zip", "pipe.yaml"])
def test_a_pipe_as_an_input_is_a_line(
    hostile: tuple[Project, Path], tmp_path: Path, key: str, name: str
) -> None:
    project, music = hostile
    os.mkfifo(tmp_path / name)
    project.change("params.yaml", {f"data.{key}": str(tmp_path / name)})
    try:
        line = project.stage("validate")
    finally:
        project.change("params.yaml", {"data.path": str(music)})
        project.change("params.yaml", {"data.partition": "data/partition.csv"})
    assert line.startswith(f"validate: error: data.{key}: ")
    assert ("is a named pipe (FIFO)" in line) == (key == "path" or name.endswith("csv"))


def test_params_that_grow_without_end_are_a_line(hostile: tuple[Project, Path]) -> None:
    project, _ = hostile
    path = project.folder / "params.yaml"
    before = path.read_text()
    aliases = [f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]" for n in range(1, 10)]
    path.write_text("\n".join([before, "a0: &a0 [x]", *aliases]))
    try:
        line = project.stage("train")
    finally:
        path.write_text(before)
    assert line.startswith("train: error: params.yaml: with each alias written out it has more")
