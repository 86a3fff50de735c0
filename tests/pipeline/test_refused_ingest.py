"""A collection that changed and is now refused: the earlier tracks and results stay."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest
from numpy.random import default_rng as seeded

from tests.encoded import encoded
from tests.pipeline.clones import Project, clone, stages_run

SPLIT = ("data/splits.csv", "metrics/split.json")


def fill(folder: Path, genre: str, count: int) -> None:
    """Write `count` tracks of noise."""
    (folder / genre).mkdir(parents=True)
    for number in range(count):
        sound = seeded(len(genre) + number).uniform(-0.5, 0.5, (26_000, 1))
        (folder / genre / f"{number}.wav").write_bytes(encoded("wav", sound, 8_000))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A clone with the tracks of a folder, its outputs links into DVC's cache; and the folder."""
    folder = tmp_path_factory.mktemp("refused")
    music = folder / "music"
    fill(music, "dub", 3)
    fill(music, "dancehall", 3)
    made = clone(folder / "project")
    made.dvc("config", "cache.type", "symlink,hardlink")
    made.change("params.yaml", {"data.path": str(music)})
    made.dvc("repro", "ingest")
    assert (made.folder / "data/tracks.csv").is_symlink()
    return made, music


def cache_is_whole(project: Project) -> bool:
    """Whether each file of DVC's cache still is what its name says."""
    files = [path for path in project.folder.glob(".dvc/cache/files/md5/*/*") if not path.suffix]
    assert files
    return all(
        hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        == path.parent.name + path.name
        for path in files
    )


def test_what_validate_cannot_see_costs_nothing(project: tuple[Project, Path]) -> None:
    made, music = project
    before, track = made.results(), music / "dub/0.wav"
    sound = track.read_bytes()
    for spoil, words in (
        (track.unlink, ["'dub' has 2 tracks", "too few"]),
        (lambda: track.write_bytes(b"RIFF"), ["'dub' has 2 usable tracks", "data/refused.csv"]),
    ):
        spoil()
        told = made.dvc("repro", "ingest", succeed=False)
        (line,) = [line for line in told.splitlines() if ": error: " in line]
        assert all(word in line for word in words), line
        assert "restores" not in line
        assert "Traceback" not in told
        results = made.results()
        results.pop("data/refused.csv", None)
        assert results == before
        assert cache_is_whole(made)
    with (made.folder / "data/refused.csv").open() as stream:
        assert [row["source"] for row in csv.DictReader(stream)] == ["dub/0.wav"]
    assert made.run("git", "status", "--porcelain", "data") == ""

    track.write_bytes(sound)
    assert stages_run(made.dvc("repro", "ingest")) == []


def test_what_only_split_can_see_costs_no_split(
    project: tuple[Project, Path],
) -> None:
    made, music = project
    made.dvc("repro", "split")
    before = made.results()
    assert before.pop("data/refused.csv")
    tracks = [music / f"dub/{number}.wav" for number in range(3)]
    sounds = [track.read_bytes() for track in tracks]
    for track in tracks:
        track.write_bytes(sounds[2])
    told = made.dvc("repro", "split", succeed=False)
    (line,) = [line for line in told.splitlines() if ": error: " in line]
    assert "genre 'dub' has 1 separate tracks or groups" in line
    assert {name: made.results()[name] for name in SPLIT} == {name: before[name] for name in SPLIT}

    for track, sound in zip(tracks, sounds, strict=True):
        track.write_bytes(sound)
    assert stages_run(made.dvc("repro", "split")) == ["ingest"]
    assert made.results() == before


def test_what_is_accepted_replaces_all_and_leaves_the_cache_as_it_was(
    project: tuple[Project, Path],
) -> None:
    made, music = project
    (music / "dub").rename(music / "dub techno")
    assert stages_run(made.dvc("repro", "ingest")) == ["ingest"]
    genres = sorted(path.name for path in (made.folder / "data/tracks").iterdir())
    assert genres == ["dancehall", "dub techno"]
    assert not (made.folder / "data/refused.csv").exists()
    assert not list((made.folder / "data").glob(".*.writing*"))
    assert cache_is_whole(made)
