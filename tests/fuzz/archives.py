"""Mutated archives: each is refused, or gives tracks that are in it; nothing else is written.

For every track that is accepted, its samples are, byte for byte, in what the archive unpacks to:
in its own bytes, or in the originals where those are compressed and carry checksums.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import tarfile
import zipfile
import zlib
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.audio.reading import UnusableTrackError
from detune.ingest.source import open_source
from detune.support.errors import UserError
from tests.fuzz.mutations import mutate

METHODS = {
    "stored.zip": [zipfile.ZIP_STORED],
    "packed.zip": [zipfile.ZIP_DEFLATED],
    "mixed.zip": [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA],
    "hostile.zip": [zipfile.ZIP_DEFLATED],
}
"""How the members of each zip are packed, by turns."""

KINDS = (*METHODS, "plain.tar", "packed.tar.gz", "hostile.tar")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = (
    "open",
    "os.mkdir",
    "os.rename",
    "os.symlink",
    "os.link",
    "os.remove",
    "os.rmdir",
    "os.chmod",
)
HOSTILE = ("../../outside.wav", "/tmp/outside.wav", "rock/../../../outside.wav", "C:\\outside.wav")

written: list[str] = []
"""Paths that this process changed, as an audit hook saw it."""


@cache
def tracks() -> dict[str, bytes]:
    """Six short tracks of noise, as WAV files by path."""
    found = {}
    for number in range(6):
        rng, stream = np.random.default_rng(number), io.BytesIO()
        noise = rng.uniform(-0.4, 0.4, round(0.1 * SAMPLE_RATE)).astype(np.float32)
        soundfile.write(stream, noise, SAMPLE_RATE, format="WAV", subtype="PCM_16")
        found[f"genres/{('rock', 'pop')[number % 2]}/{number}.wav"] = stream.getvalue()
    return found


@cache
def original(kind: str) -> bytes:
    """The archive that is mutated."""
    files = dict(tracks())
    if kind.startswith("hostile"):
        files |= dict.fromkeys(HOSTILE, files["genres/rock/0.wav"])
    stream = io.BytesIO()
    if kind.endswith("zip"):
        with zipfile.ZipFile(stream, "w") as archive:
            for (name, data), method in zip(files.items(), cycle(METHODS[kind]), strict=False):
                archive.writestr(zipfile.ZipInfo(name), data, method)
        return stream.getvalue()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        if kind.startswith("hostile"):
            for type_, target in ((tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "../x.wav")):
                info = tarfile.TarInfo(f"genres/rock/link{type_!r}.wav")
                info.type, info.linkname = type_, target
                tar.addfile(info)
    plain = stream.getvalue()
    return gzip.compress(plain, 1, mtime=0) if kind.endswith("gz") else plain


def examine_archive(folder: Path, case: int) -> str:
    """Read one mutated archive; return "refused", "accepted", or what is wrong, after "wrong: "."""
    kind = KINDS[case % len(KINDS)]
    data = mutate(original(kind), np.random.default_rng([2, case]))
    home = folder / str(os.getpid())
    path, scratch = home / kind, home / "scratch"
    home.mkdir(exist_ok=True)
    path.write_bytes(data)
    _watch()
    written.clear()
    try:
        told = _read_all(path, scratch, data)
    except UserError as error:
        told = "refused" if "\n" not in str(error) else "wrong: an error of several lines"
    outside = [name for name in written if not Path(name).is_relative_to(scratch.resolve())]
    if outside:
        told = f"wrong: written outside: {outside}"
    if any(scratch.glob("*")):
        told = "wrong: left something behind"
    return told.replace("wrong:", f"wrong: {kind}, case {case}:")


def _read_all(path: Path, scratch: Path, data: bytes) -> str:
    """Read every track of an archive, as the stage does."""
    source, accepted = open_source(path), 0
    inside = [data, *tracks().values()] if path.suffix == ".zip" else [_unpacked(data)]
    with source.reader(scratch) as read:
        for candidate in source.candidates:
            try:
                audio = read(candidate).audio
            except UnusableTrackError:
                continue
            accepted += 1
            samples = np.rint(audio * 32768).astype("<i2").tobytes()
            if not any(samples in content for content in inside):
                return f"wrong: {candidate.source} holds what is not in the archive"
    return "accepted" if accepted else "refused"


def _unpacked(data: bytes) -> bytes:
    """All that can be unpacked of gzipped data; other data as it is."""
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return zlib.decompressobj(31).decompress(data)
    except zlib.error:
        return b""


def _watch() -> None:
    """Note from now on every path that this process writes to, makes or takes away."""
    if not getattr(_watch, "on", False):
        sys.addaudithook(_note)
        _watch.on = True  # type: ignore[attr-defined]


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    """Note what an audit event says was changed."""
    if event not in CHANGES or (event == "open" and not arguments[2] & WRITES):
        return
    if isinstance(arguments[0], str | bytes | os.PathLike):
        beside = arguments[1] if event in ("os.remove", "os.rmdir") else -1
        folder = Path(f"/proc/self/fd/{beside}") if beside > 0 else Path.cwd()
        written.append(str((folder / os.fsdecode(arguments[0])).resolve()))
