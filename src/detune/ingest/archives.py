"""Archives: list and unpack zip, tar and tar.gz files, also malicious ones.

No name in an archive ever becomes a path: members are unpacked into one flat folder, under names
made of their hash. Links, devices and folders are never made. Bytes are counted while they are
unpacked, because sizes in headers can be false.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, cast

from detune.ingest.formats import is_audio
from detune.ingest.strict_tar import StrictTar, TarStream
from detune.ingest.unpacking_limits import Meter, MeteredStream
from detune.ingest.zip_names import UTF_8, member_name
from detune.support.errors import UserError

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
"""Endings of the archives that can be read."""

BLOCK_BYTES = 1 << 20

ENCRYPTED = 1
"""Flag of a member of a zip that needs a password."""

PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How members of a zip may be packed; of others, zipfile unpacks a block at once, however large."""

MEMBER_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""What zipfile raises where a member is damaged, or packed in a way that it can't unpack."""

DAMAGE = (*MEMBER_DAMAGE, tarfile.TarError, gzip.BadGzipFile, struct.error, ValueError)
"""What the libraries raise where an archive is damaged."""


@dataclass(frozen=True)
class Member:
    """An audio file in an archive: its path, what is wrong with it, and a way to open it."""

    name: str
    fault: str
    open: Callable[[], IO[bytes]]


def is_archive(path: Path) -> bool:
    """Whether a path ends like an archive."""
    return path.name.lower().endswith(SUFFIXES)


def list_archive(path: Path, zip_names: str = UTF_8) -> list[str]:
    """List the paths of the audio in an archive, parts joined by `/`, each one once.

    Args:
        path: the archive.
        zip_names: code page of those names in a zip that are not UTF-8.

    Raises:
        UserError: the archive is damaged, or larger than any collection of music.
    """
    with _open_members(path, zip_names) as members:
        return list(dict.fromkeys(member.name for member in members))


def unpack(path: Path, folder: Path, zip_names: str = UTF_8) -> dict[str, str]:
    """Unpack the audio in an archive, each file to its `member_path` in `folder`.

    Args:
        path: the archive.
        folder: where its files go.
        zip_names: code page of those names in a zip that are not UTF-8.

    Returns:
        Members that could not be unpacked, and why.

    Raises:
        UserError: the archive is damaged, or larger than any collection of music.
    """
    faults: dict[str, str] = {}
    seen: set[str] = set()
    with _open_members(path, zip_names) as members:
        for member in members:
            fault = "there twice" if member.name in seen else member.fault
            seen.add(member.name)
            target = member_path(folder, member.name)
            if fault := fault or _write_member(member, target):
                faults[member.name] = fault
                target.unlink(missing_ok=True)
    return faults


def member_path(folder: Path, name: str) -> Path:
    """Where a member of this name is unpacked to in `folder`."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    return folder / digest[:32]


@contextmanager
def _open_members(path: Path, zip_names: str) -> Iterator[Iterator[Member]]:
    """The audio members of an archive, in its order; one can be opened until the next is taken.

    Raises:
        UserError: the archive is damaged, or larger than any collection of music.
    """
    meter = Meter(path)
    zipped = path.suffix.lower() == ".zip"
    members = _zip_members(path, meter, zip_names) if zipped else _tar_members(path, meter)
    try:
        with closing(members) as opened:
            yield opened
    except DAMAGE as error:
        raise UserError(f"{path} is damaged ({_message(error)}): fetch or make it again") from error


def _zip_members(path: Path, meter: Meter, zip_names: str) -> Generator[Member, None, None]:
    """The audio members of a zip."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            meter.add_member()
            if not is_audio(info.filename):  # nor a folder, whose name ends in a stroke
                continue
            name = _clean(member_name(info, zip_names))
            yield Member(name, _zip_fault(info), partial(_open_zipped, archive, info, meter))


def _zip_fault(info: zipfile.ZipInfo) -> str:
    """What is wrong with a member of a zip, by its header."""
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "a link or a device"
    if info.flag_bits & ENCRYPTED:
        return "encrypted"
    if info.compress_type not in PACKINGS:
        return "packed by another method than deflate"
    return ""


def _open_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: Meter) -> IO[bytes]:
    """A member of a zip as a metered stream."""
    return cast(IO[bytes], MeteredStream(archive.open(info), meter))


def _tar_members(path: Path, meter: Meter) -> Generator[Member, None, None]:
    """The audio members of a tar; it is read from start to end, its checksum included."""
    packed = path.suffix.lower() in (".gz", ".tgz")
    with cast(IO[bytes], gzip.open(path, "rb") if packed else path.open("rb")) as raw:
        stream = cast(IO[bytes], TarStream(raw, meter))
        with StrictTar.open(fileobj=stream, mode="r|") as archive:
            for info in archive:
                meter.add_member()
                archive.members = []  # type: ignore[attr-defined]  # else it keeps every one
                name = _clean(info.name)
                if info.isdir() or not is_audio(name):
                    continue
                plain = info.isreg() and not info.issparse()
                fault = "" if plain else "a link, a device or a sparse file"
                yield Member(name, fault, partial(_open_tarred, archive, info))
        rest = MeteredStream(raw, meter)
        while rest.read(BLOCK_BYTES):
            pass


def _open_tarred(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    """A regular member of a tar as a stream."""
    stream = archive.extractfile(info)
    assert stream is not None
    return stream


def _clean(name: str) -> str:
    """A member's path without a leading `./`."""
    return name.removeprefix("./")


def _write_member(member: Member, target: Path) -> str:
    """Write a member to `target`; return what is wrong with it, or nothing."""
    try:
        with member.open() as stream, target.open("wb") as out:
            shutil.copyfileobj(stream, out, BLOCK_BYTES)
    except MEMBER_DAMAGE as error:
        return f"damaged ({_message(error)})"
    except OSError as error:
        if error.errno != errno.EINVAL:  # a position before the archive's start
            raise
        return "damaged (it lies outside of the archive)"
    return ""


def _message(error: BaseException) -> str:
    """The first line of a library's error."""
    return (str(error).splitlines() or [""])[0] or type(error).__name__
