"""Unpack the audio of an archive to where it says: whole or not at all, and only below a folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from detune.errors import UserError
from detune.ingest.archives import open_members, write_member


def unpack_tree(archive: Path, folder: Path) -> int:
    """Unpack the audio in an archive into `folder`, which appears when all is there.

    A link, a device, a damaged file or a path that leads outside refuses the archive.

    Returns:
        How many files were unpacked.

    Raises:
        UserError: the archive is damaged, or holds what it should not.
        OSError: the files can't be written.
    """
    count = 0
    with _appearing(folder) as temporary, open_members(archive) as members:
        for member in members:
            path = temporary / _inside(archive, member.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if fault := member.fault or write_member(member, path):
                raise UserError(f"{archive}: {member.name!r} is {fault}: not unpacked")
            count += 1
    return count


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """Yield an empty folder beside `folder` that takes its place when the block succeeds."""
    temporary = folder.with_name(f".{folder.name}.unpacking")
    shutil.rmtree(temporary, ignore_errors=True)  # left by a run that was killed
    temporary.mkdir(parents=True)
    try:
        yield temporary
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _inside(archive: Path, name: str) -> PurePosixPath:
    """`name` as a path that stays below the folder it is joined to."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or set("\\:\0") & set(name):
        raise UserError(f"{archive}: {name!r} leads outside the folder: not unpacked")
    return path
