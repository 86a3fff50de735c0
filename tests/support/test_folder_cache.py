from __future__ import annotations

from pathlib import Path

import pytest

from detune.support.folder_cache import fill_from_cache


def test_what_was_made_once_is_copied_and_another_key_makes_it_again(tmp_path: Path) -> None:
    made: list[int] = []
    folder, kept = tmp_path / "plots", tmp_path / "kept"

    def make() -> None:
        made.append(len(made))
        (folder / "deep").mkdir(parents=True, exist_ok=True)
        (folder / "deep/a.png").write_text(str(len(made)))

    fill_from_cache(folder, kept, "first", make)
    (folder / "deep/a.png").unlink()
    fill_from_cache(folder, kept, "first", make)
    assert made == [0]
    assert (folder / "deep/a.png").read_text() == "1"
    fill_from_cache(folder, kept, "second", make)
    assert made == [0, 1]
    # Only the latest is kept.
    assert [path.name for path in kept.iterdir()] == ["second"]


def test_a_failure_keeps_nothing(tmp_path: Path) -> None:
    folder, kept = tmp_path / "plots", tmp_path / "kept"

    def fail() -> None:
        folder.mkdir()
        (folder / "half.png").write_text("half")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        fill_from_cache(folder, kept, "key", fail)
    assert not (kept / "key").exists()


def test_nothing_made_is_nothing_kept(tmp_path: Path) -> None:
    fill_from_cache(tmp_path / "plots", tmp_path / "kept", "key", lambda: None)
    assert not (tmp_path / "kept").exists()
