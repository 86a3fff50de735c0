from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from detune.ingest.hashable import require_hashable
from detune.support.errors import UserError


def fault_of(folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        require_hashable(folder)
    told = str(caught.value)
    assert told.startswith(f"data.path: {folder}")
    assert told.isprintable()
    told.encode("utf-8")
    return told.removeprefix(f"data.path: {folder}/")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A folder with odd but usable things in it."""
    for name in ("pop", ".git", "é"):
        (tmp_path / name).mkdir()
    for name in ("pop/a.wav", "pop/日本 (1)=$x.wav", "é/b\n.wav", "notes.txt"):
        (tmp_path / name).touch()
    os.mkfifo(tmp_path / ".git" / "ignored")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "pop" / "link.wav").symlink_to("a.wav")
    return tmp_path


def test_files_folders_and_links_to_them_are_hashable(music: Path) -> None:
    require_hashable(music)


def test_a_pipe_is_named(music: Path) -> None:
    os.mkfifo(music / "pop" / "z.wav")
    assert fault_of(music) == (
        "pop/z.wav is a named pipe (FIFO), which DVC would wait for: move it out of there"
    )


def test_a_link_to_a_device_is_named(music: Path) -> None:
    (music / "zero").symlink_to("/dev/zero")
    assert fault_of(music).startswith("zero is a device")


def test_a_socket_is_named(music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(music)  # its path may be 108 bytes long
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("talk")
    assert fault_of(music).startswith("talk is a socket")


def test_names_that_are_no_utf8_are_named_in_letters(music: Path) -> None:
    for name in (b"M\xfasica.txt", b"\x1b[31m\xff"):
        Path(os.fsdecode(os.fsencode(music / "pop") + b"/" + name)).touch()
    told = fault_of(music)
    assert told.startswith(r"pop/M\xfasica.txt has a name that is no UTF-8")
    assert told.endswith("rename it, or use convmv (and 1 more)")
    (music / "pop" / os.fsdecode(b"M\xfasica.txt")).unlink()
    assert fault_of(music).startswith(r"pop/\x1b[31m\xff has a name")


def test_a_folder_that_may_not_be_read_is_named(
    music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def guarded(folder: str) -> object:
        if folder.endswith("pop"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    assert fault_of(music) == "pop can't be read (Permission denied): change its permissions"
