"""A collection whose genres, artists and splits are in a table, in FMA's layout."""

from __future__ import annotations

import csv
import json
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.tools.fma import main
from tests.fma import Entry, write_tracks_csv
from tests.music import music
from tests.pipeline.clones import Project, clone

GENRES = {"Hip-Hop": 6, "Old-Time / Historic": 8, "Folk": 2}
SPLITS = ("training", "training", "validation", "test")
COPY = "001/001999.mp3"
"""The recording of the first track once more, as another artist's of another genre."""


def entries() -> list[Entry]:
    """Two tracks an artist; artists have a split each."""
    return [
        (990 + 40 * genre + number, name, str(10 * genre + number // 2), split, "small")
        for genre, (name, count) in enumerate(GENRES.items())
        for number in range(count)
        for split in [SPLITS[number // 2]]
    ]


@pytest.fixture(scope="module")
def fma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `fma_small/` and `tracks.csv`; a file is missing, another is not listed."""
    folder = tmp_path_factory.mktemp("fma")
    listed = entries()
    for number, *_ in listed:
        path = folder / "fma_small" / f"{number // 1000:03}/{number:06}.mp3"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, music(number, 3.2), SAMPLE_RATE, format="MP3")
    shutil.copy(folder / "fma_small/000/000990.mp3", folder / "fma_small" / COPY)
    shutil.copy(folder / "fma_small/000/000990.mp3", folder / "fma_small/000/000001.mp3")
    listed += [(1_999, "Old-Time / Historic", "99", "training", "small")]
    listed += [(2_000, "Hip-Hop", "1", "training", "small"), (2_001, "", "1", "test", "small")]
    write_tracks_csv(folder / "tracks.csv", listed)
    return folder


@pytest.fixture
def project(fma: Path, tmp_path: Path) -> Project:
    """A clone that studies the folder, with the table that it needs still to be made."""
    made = clone(tmp_path)
    (made.folder / "metrics").mkdir()
    changes = {"data.path": str(fma / "fma_small"), "data.labels": str(tmp_path / "fma.csv")}
    made.change("params.yaml", changes | {"data.smallest_genre": 3})
    return made


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def figures(project: Project, name: str) -> Any:
    return json.loads((project.folder / f"metrics/{name}.json").read_text())


@pytest.mark.parametrize("own_split", [False, True])
def test_fma_is_split_by_artist_to_the_end_of_preprocessing(
    own_split: bool, fma: Path, project: Project
) -> None:
    options = ["--own-split"] if own_split else []
    main([str(fma / "tracks.csv"), str(project.folder / "fma.csv"), *options])
    told = project.stage("validate")
    assert "1 missing files, '002/002000.mp3' the first" in told
    assert "small genres left out, with their tracks: Folk (2)" in told
    assert project.stage("ingest").startswith("ingest: 15 tracks, 2 genres, 3 quarantined, 1 unl")
    counts = figures(project, "ingest")
    assert counts["reasons"] == {"small genre": 2, "missing file": 1}
    assert (counts["unlisted"], counts["small_genres"], counts["duplicate_groups"]) == (1, 1, 1)
    assert project.stage("split").startswith("split: train ")
    splits = {row["track"]: row["split"] for row in rows(project.folder / "data/splits.csv")}
    sources = {row["source"]: row["track"] for row in rows(project.folder / "data/tracks.csv")}
    of_artist = defaultdict(set)
    for row in rows(project.folder / "fma.csv"):
        if row["path"] in sources:
            of_artist[row["group"]].add(splits[sources[row["path"]]])
    assert all(len(found) == 1 for found in of_artist.values())
    copies = (sources["000/000990.mp3"], sources["000/000991.mp3"], sources[COPY])
    assert len({splits[track] for track in copies}) == 1
    if not own_split:
        official = ["train", "train", "validation", "validation", "test", "test"]
        assert [splits[sources[f"001/00103{n}.mp3"]] for n in range(2, 8)] == official
    assert project.stage("preprocess").startswith("preprocess: train ")
    assert sum(figures(project, "preprocess")["tracks"].values()) == 15


def test_a_recording_in_two_splits_of_a_table_is_told(fma: Path, project: Project) -> None:
    main([str(fma / "tracks.csv"), str(project.folder / "fma.csv")])
    path = project.folder / "fma.csv"
    lines = path.read_text().splitlines()
    lines = [line.replace("train", "test") if line.startswith(COPY) else line for line in lines]
    path.write_text("\n".join([*lines, ""]))
    project.stage("validate")
    project.stage("ingest")
    line = project.stage("split")
    assert line.startswith("split: error: data.labels: group 'Hip-Hop.000.000990' is in two splits")


MISTAKES = [
    ("path,genre\na.mp3,dub\n", {"data.path": "data/embedded.yaml"}, ["data.labels", "a recipe"]),
    ("path,genre\na.mp3,dub\n", {}, ["data.labels", "none of its 1 files", "'000/000001.mp3'"]),
    ("file,genre\n000/000990.mp3,dub\n", {}, ["data.labels", "columns file, genre"]),
    ("path,genre\na.mp3,dub\na.mp3,ska\n", {}, ["data.labels", "line 3", "'a.mp3' again"]),
    ("path,genre\n../a.mp3,dub\n", {}, ["data.labels", "line 2", "leads out of data.path"]),
    ("path,genre\n000/000990.mp3,\n", {}, ["data.labels", "line 2", "no genre"]),
    ("path,genre\n", {}, ["data.labels", "lists nothing"]),
    ("path,genre\n000/000990.mp3,Café\n", {}, ["data.labels", "can't be read", "UTF-8"]),
    ("path,genre\n000/000990.mp3,dub\n", {}, ["data.path", "0 genre found", "data.smallest_genre"]),
    (
        "".join(["path,genre,group\n", *(f"000/00099{n}.mp3,dub,Ann\n" for n in range(6))])
        + "".join(f"001/00103{n}.mp3,ska,\n" for n in range(2, 8)),
        {},
        ["genre 'dub' has 1 separate tracks or groups, too few"],
    ),
]


@pytest.mark.parametrize(("text", "changes", "named"), MISTAKES)
def test_a_mistake_in_the_table_is_a_line_before_anything_is_touched(
    text: str, changes: dict[str, str], named: list[str], project: Project
) -> None:
    (project.folder / "fma.csv").write_text(text, encoding="latin-1")
    project.change("params.yaml", changes)
    before = project.results()
    line = project.stage("validate")
    assert line.startswith("validate: error: ")
    assert "\n" not in line
    assert all(word in line for word in named), line
    assert project.results() == before
