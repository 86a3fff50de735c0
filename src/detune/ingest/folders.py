"""Folders: list the audio below one, however deep, links followed but not in circles."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from detune.ingest.formats import is_audio
from detune.ingest.hashable import MAX_ENTRIES
from detune.ingest.layouts import is_stray
from detune.support.errors import UserError


def list_audio(folder: Path) -> list[str]:
    """List the audio files below `folder`, by path from there, parts joined by `/`.

    Symbolic links are followed, to files and to folders; one that leads back into a folder that
    it is in is left out. Files are not opened, so 100,000 of them take less than a second.

    Raises:
        UserError: a folder can't be read, or has too many files in it.
    """
    files = []
    for count, entry in enumerate(_entries(folder)):
        if count == MAX_ENTRIES:
            raise UserError(
                f"data.path: more than {MAX_ENTRIES} files in {folder}: name the folder of the "
                f"music itself"
            )
        if is_audio(entry):
            files.append(entry)
    return files


def _entries(top: Path) -> Iterator[str]:
    """Yield every path below `top` but strays; those of folders end in `/`."""
    waiting = [(top, "", frozenset[tuple[int, int]]())]
    while waiting:
        folder, prefix, above = waiting.pop()
        identity, entries = _list_folder(folder)
        if identity in above:
            continue
        for name, is_folder in entries:
            if is_stray(name):
                continue
            yield f"{prefix}{name}/" if is_folder else f"{prefix}{name}"
            if is_folder:
                waiting.append((folder / name, f"{prefix}{name}/", above | {identity}))


def _list_folder(folder: Path) -> tuple[tuple[int, int], list[tuple[str, bool]]]:
    """The identity of a folder, and each name in it with whether it is a folder."""
    try:
        status = folder.stat()
        with os.scandir(folder) as entries:
            listed = [(entry.name, _is_folder(entry)) for entry in entries]
    except OSError as error:
        raise UserError(
            f"data.path: {folder} can't be read ({error.strerror}): change its permissions, or "
            f"move it away"
        ) from error
    return (status.st_dev, status.st_ino), listed


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder, or a link to one; a link to itself is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False
