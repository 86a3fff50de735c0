"""FLAC: a header that holds how many samples follow, and the MD5 sum of them."""

from __future__ import annotations

import hashlib
import re
import struct
from itertools import pairwise
from mmap import mmap

import numpy as np

from detune.audio.reading import UnusableTrackError, require_plausible
from detune.ingest.containers.walk import Part, Walk, joined
from detune.ingest.ffmpeg import count_packets

CHECKED_BITS = (8, 16, 24)
"""Bits a sample for which float32 holds every value."""

HEADER = 42
"""Bytes of the marker and of the first block, which describes the stream."""

BEGINNING = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
"""How a FLAC file begins; several of them may have been joined."""


def walk_flac(data: bytes | mmap, start: int = 0) -> Walk:
    """Walk over the frames from byte `start` on, which FFmpeg counts.

    Raises:
        UnusableTrackError: the header is cut or no recording's, or there are no frames.
    """
    if len(data) < start + HEADER:
        raise UnusableTrackError("truncated: not even its header is complete")
    starts = [match.start() for match in BEGINNING.finditer(data, start)] or [start]
    return joined([_walk_part(data, *ends) for ends in pairwise([*starts, len(data)])])


def _walk_part(data: bytes | mmap, start: int, end: int) -> Walk:
    """Walk over one recording of a file."""
    (packed,) = struct.unpack_from(">Q", data, start + 18)  # rate 20, channels 3, bits 5, frames 36
    rate, channels, frames = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    require_plausible(rate, channels)
    part = Part(start, end, 0.0, "flac")
    seconds = count_packets(part.file(data), part.container).seconds
    return Walk((part._replace(seconds=seconds),), max(0.0, frames / rate - seconds))


def flac_checksum(header: bytes) -> FlacChecksum | None:
    """The check of a FLAC file's samples; None for other files, or where it holds no MD5 sum."""
    if len(header) < HEADER or header[:4] != b"fLaC":
        return None
    (packed,) = struct.unpack_from(">Q", header, 18)
    bits, expected = (packed >> 36 & 31) + 1, header[26:HEADER]
    return FlacChecksum(bits, expected) if bits in CHECKED_BITS and any(expected) else None


class FlacChecksum:
    """The checksum of decoded blocks, computed as the encoder does."""

    def __init__(self, bits: int, expected: bytes) -> None:
        """Start with no samples; `bits` per sample, and the MD5 sum that is `expected`."""
        self._bytes, self._expected = bits // 8, expected
        self._md5 = hashlib.md5(usedforsecurity=False)

    def add(self, block: np.ndarray) -> None:
        """Add a block `(n, channels)` of samples within [-1, 1]."""
        integers = np.rint(np.ldexp(block, 8 * self._bytes - 1)).astype("<i4")
        samples = integers.reshape(-1, 1).view(np.uint8)[:, : self._bytes]
        self._md5.update(samples.tobytes())

    def require_equal(self) -> None:
        """Raise `UnusableTrackError` where the samples are not those that were encoded."""
        if self._md5.digest() != self._expected:
            raise UnusableTrackError("damaged: its samples differ from their checksum")
