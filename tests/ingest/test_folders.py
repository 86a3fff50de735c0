from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from detune.ingest import folders
from detune.ingest.folders import list_audio
from detune.support.errors import UserError


def touch(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_audio_is_found_however_deep_and_strays_are_not(tmp_path: Path) -> None:
    names = {"a.wav", "x/b.FLAC", "x/y/z/c.mp3", "é/日本.ogg"}
    touch(tmp_path, [*names, "x/.d.wav", ".git/e.wav", "__MACOSX/f.wav", "x/notes.txt"])
    (tmp_path / "folder.wav").mkdir()
    assert set(list_audio(tmp_path)) == names


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    touch(tmp_path, ["music/rock/a.wav", "elsewhere/pop/b.wav"])
    music = tmp_path / "music"
    (music / "pop").symlink_to(tmp_path / "elsewhere" / "pop")
    (music / "rock" / "c.wav").symlink_to(tmp_path / "elsewhere" / "pop" / "b.wav")
    (music / "rock" / "up").symlink_to(music)
    (music / "self").symlink_to(music / "self")
    (music / "here").symlink_to(".")
    assert set(list_audio(music)) == {"rock/a.wav", "rock/c.wav", "pop/b.wav"}


def test_folders_that_link_to_each_other_end(tmp_path: Path) -> None:
    touch(tmp_path, ["a/x.wav", "b/y.wav"])
    (tmp_path / "a" / "b").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "a").symlink_to(tmp_path / "a")
    assert set(list_audio(tmp_path)) == {"a/x.wav", "a/b/y.wav", "b/y.wav", "b/a/x.wav"}


def test_a_broken_link_is_listed_so_that_reading_tells_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to(tmp_path / "nowhere")
    assert list_audio(tmp_path) == ["a.wav"]


def test_a_folder_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, ["open/a.wav", "closed/b.wav"])
    scandir = os.scandir

    def guarded(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    with pytest.raises(UserError, match=r"^data\.path: .*closed can't be read \(Permission denied"):
        list_audio(tmp_path)


def test_far_too_much_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_ENTRIES", 3)
    touch(tmp_path, ["a.wav", "b.wav", "c.wav"])
    assert len(list_audio(tmp_path)) == 3
    touch(tmp_path, ["d.txt"])
    with pytest.raises(UserError, match="more than 3 files"):
        list_audio(tmp_path)


def test_files_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, [f"{n % 10}/{n}.wav" for n in range(200)])
    looked, stat = list[Path](), Path.stat
    monkeypatch.setattr(Path, "stat", lambda path: (looked.append(path), stat(path))[1])
    assert len(list_audio(tmp_path)) == 200
    assert len(looked) == 11
