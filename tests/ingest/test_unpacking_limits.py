from __future__ import annotations

from pathlib import Path

import pytest

from detune.ingest import unpacking_limits
from detune.ingest.archives import unpack
from detune.support.errors import UserError
from tests.ingest.test_archives import FILES, MAKERS, error_of, make_tar


@pytest.mark.parametrize("name", ["music.zip", "music.tar.gz"])
def test_a_bomb_is_stopped(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking_limits, "FREE_BYTES", 1 << 16)
    path = MAKERS[name](tmp_path / name, {"rock/bomb.wav": bytes(20 << 20)})
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match="more than 50 times its size"):
        unpack(path, tmp_path / "out")
    written = sum(file.stat().st_size for file in (tmp_path / "out").iterdir())
    assert written <= 50 * path.stat().st_size + (1 << 16)


def test_a_bomb_beside_the_audio_is_stopped_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking_limits, "FREE_BYTES", 1 << 16)
    path = make_tar(tmp_path / "a.tar.gz", {"a.txt": bytes(20 << 20), **FILES})
    assert "more than 50 times" in error_of(path, tmp_path / "out")


def test_too_many_members_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking_limits, "MAX_MEMBERS", 2)
    for name in ("music.zip", "music.tar"):
        path = MAKERS[name](tmp_path / name, FILES)
        assert "more than 2 members" in error_of(path, tmp_path / "out")
