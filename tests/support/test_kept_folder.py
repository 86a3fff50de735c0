from __future__ import annotations

from pathlib import Path

import pytest

from detune.support.kept_folder import keep_folder


def test_what_was_made_once_is_copied_and_another_key_makes_it_again(tmp_path: Path) -> None:
    made: list[int] = []
    folder, kept = tmp_path / "plots", tmp_path / "kept"

    def make() -> None:
        made.append(len(made))
        (folder / "deep").mkdir(parents=True, exist_ok=True)
        (folder / "deep/a.png").write_text(str(len(made)))

    keep_folder(folder, kept, "first", make)
    (folder / "deep/a.png").unlink()
    keep_folder(folder, kept, "first", make)
    assert made == [0]
    assert (folder / "deep/a.png").read_text() == "1"
    keep_folder(folder, kept, "second", make)
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
        keep_folder(folder, kept, "key", fail)
    assert not (kept / "key").exists()


def test_nothing_made_is_nothing_kept(tmp_path: Path) -> None:
    keep_folder(tmp_path / "plots", tmp_path / "kept", "key", lambda: None)
    assert not (tmp_path / "kept").exists()
