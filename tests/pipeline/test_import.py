"""The stage `ingest` on an archive as it may come: what is sound is stored, the rest told."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.encoded import encoded, noise
from tests.pipeline.clones import Project, clone

GOOD = {
    f"Data/genres_original/{genre}/{genre}.0000{number}.{ending}": encoded(
        name, noise(3.2, 8_000), 8_000
    )
    for genre in ("dub", "ska")
    for number, (name, ending) in enumerate(
        [("wav", "wav"), ("au", "au"), ("flac", "FLAC"), ("ogg", "ogg"), ("mp3", "mp3")]
    )
}
BAD = {
    "truncated": GOOD["Data/genres_original/dub/dub.00000.wav"][:-5_000],
    "unreadable": b"RIFT" + bytes(5_000),
    "empty": b"",
    "silent": encoded("wav", np.zeros((40_000, 1), np.float32), 8_000),
    "clipped": encoded("wav", np.sign(noise(4.0, 8_000)), 8_000),
    "samples that are not numbers": encoded("wav of floats", np.full((40_000, 1), np.nan), 8_000),
    "too short": encoded("wav", noise(2.9, 8_000), 8_000),
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A clone that has read an archive of sound, broken and stray files."""
    folder = tmp_path_factory.mktemp("import")
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in GOOD.items():
            archive.writestr(name, data)
        for number, data in enumerate(BAD.values()):
            archive.writestr(f"Data/genres_original/dub/bad.{number}.wav", data)
        archive.writestr("Data/images_original/dub/dub00000.png", b"")
        archive.writestr("__MACOSX/Data/genres_original/dub/._dub.00000.wav", b"")
        archive.writestr("loose.wav", GOOD["Data/genres_original/dub/dub.00000.wav"])
    project = clone(folder / "project")
    project.change("params.yaml", {"data.path": str(path)})
    (project.folder / "metrics").mkdir()
    assert project.stage("ingest").startswith("ingest: 10 tracks")
    return project


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_sound_track_is_stored(imported: Project) -> None:
    tracks = rows(imported.folder / "data/tracks.csv")
    assert [track["source"] for track in tracks] == sorted(GOOD)
    stored = (imported.folder / "data/tracks").glob("*/*")
    assert len(list(stored)) == len(GOOD)


def test_every_other_file_is_told_with_its_reason(imported: Project) -> None:
    quarantined = rows(imported.folder / "data/quarantine.csv")
    told = {row["source"].split("/")[-1]: row["reason"] for row in quarantined}
    kinds = [told.pop(f"bad.{number}.wav").split(":")[0] for number in range(len(BAD))]
    assert kinds == list(BAD)
    assert list(told) == ["loose.wav"]
    counts = json.loads((imported.folder / "metrics/ingest.json").read_text())
    assert counts["quarantined"] == len(BAD) + 1
    assert counts["reasons"] == {**dict.fromkeys(BAD, 1), "no genre": 1}


def test_nothing_unpacked_is_left(imported: Project) -> None:
    assert not (imported.folder / "data/.unpacked").exists()
    assert imported.run("git", "status", "--porcelain", "data") == ""
