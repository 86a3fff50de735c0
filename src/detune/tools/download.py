"""Download one known file: from mirrors in turn, continued where it stopped, verified."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from detune.support.errors import UserError
from detune.support.progress import byte_bar

BLOCK = 1 << 16
"""Bytes read at a time."""

MAX_BYTES = 4 << 30
"""Bytes after which a download of unknown size is stopped."""

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as broken."""


class TransferError(Exception):
    """A mirror did not send the file; the message is the reason."""


@dataclass(frozen=True)
class RemoteFile:
    """A file as it is known to be.

    Attributes:
        urls: where it can be had, the best first.
        algorithm: `hashlib`'s name of the checksum.
        checksum: in hexadecimal.
        size: in bytes; None where it is not known.
    """

    urls: Sequence[str]
    algorithm: str
    checksum: str
    size: int | None = None


def download(file: RemoteFile, target: Path) -> None:
    """Download `file` to `target`, which appears when its checksum is right.

    What is downloaded so far is in `<target>.part`; a later call or the next mirror continues it.

    Raises:
        UserError: no mirror gave the file.
        OSError: `target` can't be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    reasons = []
    for url in file.urls:
        try:
            _fetch(file, url, part)
        except TransferError as error:
            reasons.append(f"{urlsplit(url).netloc}: {error}")
        else:
            part.replace(target)
            return
    raise UserError(
        f"{target}: could not be downloaded ({'; '.join(reasons)}): run this again later, which "
        f"continues where it stopped, or put the file there yourself"
    )


def is_intact(file: RemoteFile, path: Path) -> bool:
    """Whether the file at `path` has the size and the checksum of `file`."""
    if file.size not in (None, path.stat().st_size):
        return False
    digest = hashlib.new(file.algorithm, usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest() == file.checksum


def _fetch(file: RemoteFile, url: str, part: Path) -> None:
    """Complete `part` from one mirror; a wrong file is removed, and tried once more if resumed."""
    begun = _bytes_in(part)
    _fill(file, url, part)
    if is_intact(file, part):
        return
    part.unlink()
    if not begun:
        raise TransferError(f"another file: its {file.algorithm} differs")
    _fetch(file, url, part)


def _fill(file: RemoteFile, url: str, part: Path) -> None:
    """Append what is missing; a connection that breaks is renewed as long as that gains bytes."""
    while True:
        before = _bytes_in(part)
        try:
            return _transfer(file, url, part)
        except TransferError:
            if _bytes_in(part) <= before:
                raise


def _transfer(file: RemoteFile, url: str, part: Path) -> None:
    """Open one connection and write what it gives to `part`, from its end if the server can."""
    done = _bytes_in(part)
    if done == file.size:
        return
    try:
        response = _open(url, done)
    except HTTPError as error:
        if error.code == 416 and done:  # nothing comes after what is there
            return
        raise TransferError(f"{error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise TransferError(_reason(error)) from error
    with response:
        done, total = _extent(response, done)
        if file.size is not None and total not in (None, file.size):
            raise TransferError(f"another file: {total} bytes instead of {file.size}")
        _append(response, part, done, total or file.size, file.size or MAX_BYTES)


def _open(url: str, done: int) -> HTTPResponse:
    """Ask for the file, without its first `done` bytes."""
    headers = {"User-Agent": "detune"} | ({"Range": f"bytes={done}-"} if done else {})
    response = urlopen(Request(url, headers=headers), timeout=TIMEOUT)
    assert isinstance(response, HTTPResponse)
    return response


def _extent(response: HTTPResponse, done: int) -> tuple[int, int | None]:
    """Where the answer begins (0 from a server that ignores ranges), and the size of the file."""
    if response.status != 206:
        length = response.headers.get("Content-Length", "")
        return 0, int(length) if length.isdecimal() else None
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if not match or int(match[1]) != done:
        raise TransferError(f"another range than the one from byte {done}")
    return done, None if match[2] == "*" else int(match[2])


def _append(response: HTTPResponse, part: Path, done: int, total: int | None, largest: int) -> None:
    """Write the answer behind the first `done` bytes of `part`, with a progress bar."""
    label = part.name.removesuffix(".part")
    with part.open("ab") as stream, byte_bar(label, total, done) as bar:
        stream.truncate(done)
        while block := _read(response):
            done += len(block)
            if done > largest:
                raise TransferError(f"another file: more than {largest} bytes")
            stream.write(block)
            bar.update(len(block))
    if total is not None and done < total:
        raise TransferError(f"broke off after {done} of {total} bytes")


def _read(response: HTTPResponse) -> bytes:
    """Some bytes of the answer; none at its end."""
    try:
        return response.read(BLOCK)
    except (OSError, HTTPException) as error:
        raise TransferError(f"broke off: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    """What the system says of a failed connection, which urllib wraps up in its own words."""
    inner = error.reason if isinstance(error, URLError) else error
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


def _bytes_in(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
