"""Ogg: pages that carry a number, a checksum, and a mark on the last of a stream."""

from __future__ import annotations

import struct
import zlib
from mmap import mmap

from detune.audio.reading import UnusableTrackError

LAST_PAGE = 4
"""Flag of a stream's last page."""

REVERSED_BITS = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the other order."""


def require_complete_ogg(data: bytes | mmap) -> None:
    """Raise `UnusableTrackError` where a page is missing, damaged or cut."""
    at, expected, open_streams = 0, dict[int, int](), set[int]()
    while at < len(data):
        if data[at : at + 4] != b"OggS":
            raise UnusableTrackError(f"damaged: no page of Ogg at byte {at}")
        page = _page(data, at)
        flags, stream, number, checksum = struct.unpack_from("<5xB8xIII", page)
        if ogg_checksum(page[:22] + bytes(4) + page[26:]) != checksum:
            raise UnusableTrackError(f"damaged: the page at byte {at} differs from its checksum")
        if number != expected.get(stream, number):
            raise UnusableTrackError(f"damaged: pages are missing before byte {at}")
        expected[stream] = number + 1
        (open_streams.discard if flags & LAST_PAGE else open_streams.add)(stream)
        at += len(page)
    if open_streams:
        raise UnusableTrackError("truncated: the last page of its stream is not there")


def _page(data: bytes | mmap, at: int) -> bytes:
    """The page that begins at byte `at`."""
    header = data[at : at + 27]
    table = data[at + 27 : at + 27 + header[26]] if len(header) == 27 else b""
    page = data[at : at + 27 + len(table) + sum(table)]
    if len(header) < 27 or len(table) < header[26] or len(page) < 27 + len(table) + sum(table):
        raise UnusableTrackError("truncated: its last page is cut")
    return page


def ogg_checksum(page: bytes) -> int:
    """CRC-32 as Ogg has it: zlib's polynomial with the bits in the other order, starting at 0."""
    mirrored = zlib.crc32(page.translate(REVERSED_BITS), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
