from __future__ import annotations

from pathlib import Path

import pytest

from detune.support.errors import UserError
from detune.support.stage_lock import stage_lock
from detune.tools.clean import clean

KEPT = ("data/tracks.csv", "data/checkpoint.npz", "plots/listen/a.flac", "music/.a.writing.wav")
LEFT = (
    "data/.tracks.writing.folder/dub/a.flac",
    "data/.tracks.csv.writing.csv",
    "data/.unpacked/0.wav",
    "plots/listen/.b.writing.flac",
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project after a killed run."""
    for name in (*KEPT, *LEFT, ".dvc/tmp/lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_only_what_was_left_is_removed(project: Path) -> None:
    assert len(clean(project)) == len(LEFT)
    assert [name for name in KEPT if not (project / name).is_file()] == []
    assert [name for name in LEFT if (project / name).exists()] == []
    assert clean(project) == []


def test_nothing_is_removed_while_a_stage_runs(project: Path) -> None:
    with stage_lock("ingest"), pytest.raises(UserError, match="ingest runs: let it finish"):
        clean(project)
    assert (project / LEFT[0]).is_file()
