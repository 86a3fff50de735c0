"""Archives: list and unpack zip, tar and tar.gz files, also malicious ones.

No name in an archive ever becomes a path: members are unpacked into one flat folder, under names
made of their hash. Links, devices and folders are never made. Bytes are counted while they are
unpacked, because sizes in headers can be false.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
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
from typing import IO, Any, cast

from detune.ingest.layouts import is_audio
from detune.support.errors import UserError

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
"""Endings of the archives that can be read."""

MAX_MEMBERS = 500_000
"""Members that an archive may have: five times the largest public collections of music."""

MAX_RATIO, FREE_BYTES = 50, 64 << 20
"""An archive may unpack to this many times its size, and these bytes more.

Audio packs to a half or a tenth of its size; a bomb, to a thousandth.
"""

MAX_HEADER_BYTES = 1 << 20
"""Size of a tar header that holds a long name; tarfile reads such a header into memory at once."""

MAX_HEADERS = 16
"""Headers of a tar that may describe one member; tarfile recurses once for each."""

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


def list_archive(path: Path) -> list[str]:
    """List the paths of the audio in an archive, parts joined by `/`, each one once.

    Raises:
        UserError: the archive is damaged, or larger than any collection of music.
    """
    with _open_members(path) as members:
        return list(dict.fromkeys(member.name for member in members))


def unpack(path: Path, folder: Path) -> dict[str, str]:
    """Unpack the audio in an archive, each file to its `member_path` in `folder`.

    Returns:
        Members that could not be unpacked, and why.

    Raises:
        UserError: the archive is damaged, or larger than any collection of music.
    """
    faults: dict[str, str] = {}
    seen: set[str] = set()
    with _open_members(path) as members:
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


class _Meter:
    """Counts what is unpacked, and stops where it is more than music can be."""

    def __init__(self, path: Path) -> None:
        """Set the limit by the size of the archive."""
        self._path, self._bytes, self._members = path, 0, 0
        self._most = MAX_RATIO * path.stat().st_size + FREE_BYTES

    def add(self, count: int) -> None:
        """Add `count` bytes that were unpacked."""
        self._bytes += count
        if self._bytes > self._most:
            raise UserError(
                f"{self._path} unpacks to more than {MAX_RATIO} times its size, as no music does: "
                "give another archive"
            )

    def add_member(self) -> None:
        """Add a member."""
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise UserError(f"{self._path} has more than {MAX_MEMBERS} members")


class _Metered(io.RawIOBase):
    """A stream whose bytes are counted as they are read."""

    def __init__(self, stream: IO[bytes], meter: _Meter) -> None:
        self._stream, self._meter = stream, meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._stream.read(len(buffer))
        self._meter.add(len(block))
        buffer[: len(block)] = block
        return len(block)


class _TarStream(_Metered):
    """The bytes of a tar, which ends with blocks of zeros; to read beyond is an error.

    tarfile would accept a missing end, or read on.
    """

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        if not count:
            raise tarfile.ReadError("its end is missing")
        return count


EXTENDED_TYPES = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
)
"""Headers of a tar that describe the next one."""


class _StrictHeader(tarfile.TarInfo):
    """A header of a tar; a damaged or huge one is an error, where tarfile stops silently."""

    @classmethod
    def fromtarfile(cls, tar: _StrictTar) -> _StrictHeader:  # type: ignore[override]
        try:
            return super().fromtarfile(tar)
        except tarfile.InvalidHeaderError as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(str(error)) from error

    # What a subclass may take over, and where every header passes, however tarfile came by it.
    def _proc_member(self, tar: _StrictTar) -> Any:
        tar.chained = tar.chained + 1 if self.type in EXTENDED_TYPES else 0
        if tar.chained and self.size > MAX_HEADER_BYTES:
            raise tarfile.ReadError("a header far too long")
        if tar.chained > MAX_HEADERS:
            raise tarfile.ReadError("too many headers of one member")
        return super()._proc_member(tar)  # type: ignore[misc]


class _StrictTar(tarfile.TarFile):
    """A tar of strict headers, which counts those that describe the next one."""

    tarinfo = _StrictHeader
    chained = 0


@contextmanager
def _open_members(path: Path) -> Iterator[Iterator[Member]]:
    """The audio members of an archive, in its order; one can be opened until the next is taken.

    Raises:
        UserError: the archive is damaged, or larger than any collection of music.
    """
    members = _zip_members if path.suffix.lower() == ".zip" else _tar_members
    try:
        with closing(members(path, _Meter(path))) as opened:
            yield opened
    except DAMAGE as error:
        raise UserError(f"{path} is damaged ({_message(error)}): fetch or make it again") from error


def _zip_members(path: Path, meter: _Meter) -> Generator[Member, None, None]:
    """The audio members of a zip."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            meter.add_member()
            name = _clean(info.filename.replace("\\", "/"))
            if not is_audio(name):  # nor a folder, whose name ends in a stroke
                continue
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


def _open_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, meter: _Meter) -> IO[bytes]:
    """A member of a zip as a metered stream."""
    return cast(IO[bytes], _Metered(archive.open(info), meter))


def _tar_members(path: Path, meter: _Meter) -> Generator[Member, None, None]:
    """The audio members of a tar; it is read from start to end, its checksum included."""
    packed = path.suffix.lower() in (".gz", ".tgz")
    with cast(IO[bytes], gzip.open(path, "rb") if packed else path.open("rb")) as raw:
        stream = cast(IO[bytes], _TarStream(raw, meter))
        with _StrictTar.open(fileobj=stream, mode="r|") as archive:
            for info in archive:
                meter.add_member()
                archive.members = []  # type: ignore[attr-defined]  # else it keeps every one
                name = _clean(info.name)
                if info.isdir() or not is_audio(name):
                    continue
                plain = info.isreg() and not info.issparse()
                fault = "" if plain else "a link, a device or a sparse file"
                yield Member(name, fault, partial(_open_tarred, archive, info))
        rest = _Metered(raw, meter)
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
