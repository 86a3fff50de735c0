"""FLAC: a header that holds the MD5 sum of the samples."""

from __future__ import annotations

import hashlib
import struct
from mmap import mmap

import numpy as np

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.mpeg import skip_id3

CHECKED_BITS = (8, 16, 24)
"""Bits a sample for which float32 holds every value."""


def require_flac(data: bytes | mmap) -> None:
    """Raise `UnusableTrackError` where the header is cut; the rest is checked while it is decoded.

    The decoder stops at a damaged frame, and knows how many samples to expect.
    """
    if len(data) < skip_id3(data) + 42:
        raise UnusableTrackError("truncated: not even its header is complete")


def flac_checksum(data: bytes | mmap) -> FlacChecksum | None:
    """The check of a FLAC file's samples; None for other files, or where it holds no MD5 sum."""
    start = skip_id3(data)
    header = data[start : start + 42]
    if len(header) < 42 or header[:4] != b"fLaC":
        return None
    (packed,) = struct.unpack_from(">Q", header, 18)  # rate 20, channels 3, bits 5, frames 36
    bits, expected = (packed >> 36 & 31) + 1, header[26:42]
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
