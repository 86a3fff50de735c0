"""Hashable: what DVC can't record of its inputs, named before DVC meets it.

DVC hashes `data.partition`, `data.labels`, `data.path` and every file below it, whatever its name
ends in. It opens pipes, and waits for ever; a name that is no UTF-8 it meets with a codec's error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from detune.collection.shown_paths import harmless_path
from detune.support.errors import UserError

MAX_ENTRIES = 2_000_000
"""Files and folders looked at, at most: nobody should wait for hours after naming `/`."""

IGNORED = (".git", ".hg", ".dvc")
"""What DVC passes over."""

KINDS = {
    stat.S_IFIFO: "a named pipe (FIFO)",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def require_hashable(path: Path, key: str = "data.path") -> None:
    """Make sure that DVC can hash a file, or what is below a folder, without opening any of it.

    Links to folders are not followed: DVC does not follow them either. What is not there passes.

    Args:
        path: of the file or folder.
        key: the parameter that names it.

    Raises:
        UserError: a name is no UTF-8, something is neither file nor folder, or a folder can't be
            read.
    """
    if path.is_dir():
        faults = sorted(_faults(path))
    else:
        kind = _kind(path)
        shown = harmless_path(str(path))
        faults = [f"{shown} is {kind}: give the path of a file instead"] if kind else []
    if faults:
        more = f" (and {len(faults) - 1} more)" if faults[1:] else ""
        raise UserError(f"{key}: {faults[0]}{more}")


def _faults(top: Path) -> Iterator[str]:
    """What is wrong, with the remedy, for each thing that can't be hashed."""
    waiting, left = [os.fspath(top)], MAX_ENTRIES
    while waiting and left > 0:  # a folder such as `/` is refused when its tracks are listed
        folder = waiting.pop()
        try:
            with os.scandir(folder) as opened:
                entries = [entry for entry in opened if entry.name not in IGNORED]
        except OSError as error:
            shown = harmless_path(folder)
            yield f"{shown} can't be read ({error.strerror}): change its permissions"
            continue
        left -= len(entries)
        for entry in entries:
            if fault := _fault(entry):
                yield f"{harmless_path(entry.path)} {fault}"
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)


def _fault(entry: os.DirEntry[str]) -> str:
    """What is wrong with an entry, or nothing."""
    if not _is_utf8(entry.name):
        return "has a name that is no UTF-8, which DVC can't record: rename it, or use convmv"
    if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        return ""
    kind = _kind(entry)
    return f"is {kind}, which DVC would wait for: move it out of there" if kind else ""


def _kind(entry: Path | os.DirEntry[str]) -> str:
    """What something is that is neither file nor folder; nothing for those, and where none is."""
    try:
        return KINDS.get(stat.S_IFMT(entry.stat().st_mode), "")
    except (OSError, ValueError):  # a link that leads nowhere: DVC names it
        return ""


def _is_utf8(name: str) -> bool:
    """Whether the bytes of a name are UTF-8: Python stands in surrogates for those that aren't."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
