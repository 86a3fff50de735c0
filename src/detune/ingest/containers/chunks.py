"""WAV, AIFF and AU: headers that say how many bytes of samples follow.

A writer that could not go back to write the size leaves 0 or all ones; then any size is accepted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from mmap import mmap

from detune.audio.reading import UnusableTrackError

OPEN_SIZES = (0, 0xFFFFFFFF)
"""Sizes that writers of streams leave in a header."""

PLAIN_AIFC = (b"NONE", b"sowt", b"twos")
"""AIFF-C's names for samples that are not compressed."""


def require_complete_wav(data: bytes | mmap) -> None:
    """Raise `UnusableTrackError` where a WAV file's data chunk is cut."""
    order = ">" if data[:4] == b"RIFX" else "<"
    wide_size = 0
    for name, start, size in _chunks(data, order):
        if name == b"ds64" and len(data) >= start + 16:
            (wide_size,) = struct.unpack_from("<Q", data, start + 8)
        if name == b"data":
            # RF64 keeps the size in a chunk before this one.
            return _require_bytes(wide_size if size in OPEN_SIZES else size, len(data) - start)
    raise UnusableTrackError("truncated: its header is there, but no samples")


def require_complete_aiff(data: bytes | mmap) -> None:
    """Raise `UnusableTrackError` where an AIFF file's samples are cut."""
    expected = 0
    for name, start, size in _chunks(data, ">"):
        if name == b"COMM" and len(data) >= start + 22:
            channels, frames, bits = struct.unpack_from(">HIH", data, start)
            if size < 22 or data[start + 18 : start + 22] in PLAIN_AIFC:
                expected = channels * frames * ((bits + 7) // 8)
        if name == b"SSND" and len(data) >= start + 8:
            end = len(data) if size in OPEN_SIZES else start + size
            _require_bytes(end - start, len(data) - start)
            first = start + 8 + struct.unpack_from(">I", data, start)[0]
            return _require_bytes(expected, end - first)
    raise UnusableTrackError("truncated: its header is there, but no samples")


def require_complete_au(data: bytes | mmap) -> None:
    """Raise `UnusableTrackError` where an AU file's samples are cut."""
    if len(data) < 24:
        raise UnusableTrackError("truncated: not even its header is complete")
    start, size = struct.unpack_from(">II" if data[:4] == b".snd" else "<II", data, 4)
    _require_bytes(0 if size in OPEN_SIZES else size, len(data) - max(24, start))


def _chunks(data: bytes | mmap, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and size of each chunk, up to the end of the file."""
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from(f"{order}I", data, at + 4)[0]
        yield name, at + 8, size
        at += 8 + size + size % 2


def _require_bytes(expected: int, present: int) -> None:
    """Raise `UnusableTrackError` where fewer bytes of samples are present than expected."""
    if present < expected:
        raise UnusableTrackError(
            f"truncated: {max(0, present)} of {expected} bytes of samples are there"
        )
