"""Unpack an archive: whole or not at all, and nothing but files below the folder asked for."""

from __future__ import annotations

import errno
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from detune.errors import UserError

MOST_FILES = 100_000
MOST_BYTES = 16 << 30
"""Limits beyond which an archive is refused: they bound what a crafted one can do."""

BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,  # an encrypted zip, or one of another compression
    ValueError,  # a name that is no text
)
"""What the standard library raises where an archive is damaged or of a kind it can't read."""


def unpack(archive: Path, folder: Path) -> int:
    """Unpack a zip or a tar, compressed or not, into `folder`, which appears when all is there.

    Only files are written; a link, a device or a path that leads outside refuses the archive.

    Returns:
        How many files were unpacked.

    Raises:
        UserError: the archive is damaged, or holds what it should not.
        OSError: the files can't be written.
    """
    with _appearing(folder) as temporary:
        room, count = MOST_BYTES, 0
        try:
            for name, stream in _files(archive):
                count += 1
                if count > MOST_FILES:
                    raise UserError(f"{archive}: more than {MOST_FILES} files: give a smaller one")
                room = _write(stream, temporary / _inside(archive, name), room)
                if room < 0:
                    raise UserError(f"{archive}: unpacks to more than {MOST_BYTES >> 30} GiB")
        except BROKEN as error:
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise  # of the disk, not of the archive
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise UserError(f"{archive}: damaged ({reason}): download it again") from error
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


def _files(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and contents of each file, in the archive's order; folders are left out."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            for info in zipped.infolist():
                if info.is_dir():
                    continue
                kind = stat.S_IFMT(info.external_attr >> 16)
                _require_file(archive, info.filename, plain=kind in (0, stat.S_IFREG))
                with zipped.open(info) as stream:
                    yield info.filename, stream
        return
    with tarfile.open(archive) as tarred:
        for member in tarred:
            if member.isdir():
                continue
            _require_file(archive, member.name, plain=member.isreg())
            content = tarred.extractfile(member)
            assert content is not None
            yield member.name, content


def _require_file(archive: Path, name: str, *, plain: bool) -> None:
    if not plain:
        raise UserError(f"{archive}: {name!r} is a link or a device: not unpacked")


def _inside(archive: Path, name: str) -> PurePosixPath:
    """`name` as a path that stays below the folder it is joined to."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or set("\\:\0") & set(name):
        raise UserError(f"{archive}: {name!r} leads outside the folder: not unpacked")
    return path


def _write(stream: IO[bytes], path: Path, room: int) -> int:
    """Write `stream` to `path`, stopping beyond `room` bytes; returns what is left of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        while block := stream.read(1 << 20):
            room -= len(block)
            if room < 0:
                break
            file.write(block)
    return room
