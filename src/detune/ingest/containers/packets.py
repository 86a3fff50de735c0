"""Containers whose packets FFmpeg counts: MP4, Matroska and others."""

from __future__ import annotations

import struct
from mmap import mmap
from typing import Literal

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.walk import Part, Walk
from detune.ingest.ffmpeg import count_packets

ROUNDING = 0.01
"""Seconds by which times in headers may differ: they are rounded, or count what Opus skips."""

W64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")
W64_DATA = b"data" + bytes.fromhex("f3acd3118cd100c04f8edb8a")

ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
HEADER = 1 << 16
"""Bytes of a file of WMA in which its properties are looked for."""

CONTAINERS = {
    b"\x30\x26\xb2\x75": "asf",
    b"\x1a\x45\xdf\xa3": "matroska",
    b"caff": "caf",
    b"wvpk": "wv",
    W64[:4]: "w64",
    b"TTA1": "tta",
}
"""FFmpeg's name of a container, by the first four bytes of the file."""


def container_of(data: bytes | mmap) -> str:
    """FFmpeg's name of the container that is read by packets; nothing for any other."""
    return "mov" if data[4:8] == b"ftyp" else CONTAINERS.get(data[:4], "")


def walk_packets(data: bytes | mmap, container: str) -> Walk:
    """Let FFmpeg walk over the packets of a file, without decoding them.

    Raises:
        UnusableTrackError: FFmpeg can't, or there is not one stream of audio.
    """
    if container == "mov" and data.find(b"moov") < 0:
        raise UnusableTrackError("truncated: the table of its frames is not there")
    part = Part(0, len(data), 0.0, container, by_libsndfile=container in ("caf", "w64"))
    packets = count_packets(part.file(data), container)
    missing = packets.promised - packets.seconds
    if container == "asf":  # FFmpeg believes what the file's size makes likely
        missing = _promised_by_asf(data[:HEADER]) - packets.seconds
    if container in ("caf", "w64"):  # FFmpeg takes what is there of their samples for all
        missing = packets.seconds * _missing_share(data, container)
    missing = missing if missing > ROUNDING else 0.0
    return Walk((part._replace(seconds=packets.seconds),), missing)


def _promised_by_asf(header: bytes) -> float:
    """How long a file of WMA is by its header, in s; 0 where that says nothing."""
    at = header.find(ASF_PROPERTIES)
    if at < 0 or len(header) < at + 92:
        return 0.0
    ticks, _, preroll, flags = struct.unpack_from("<QQQI", header, at + 64)
    return 0.0 if flags & 1 else ticks / 1e7 - preroll / 1e3  # the flag: it is a broadcast


def _missing_share(data: bytes | mmap, container: str) -> float:
    """How much is not there of the chunk with the samples, as a share of what is."""
    order: Literal["big", "little"] = "big"
    at, name, header = 8, 4, 12
    if container == "w64":
        at, order, name, header = 40, "little", 16, 24
    while len(data) >= at + header:
        size = int.from_bytes(data[at + name : at + header], order)
        size -= header if container == "w64" else 0
        if data[at : at + name] in (b"data", W64_DATA):
            present = len(data) - at - header
            known = size < 1 << 62 and present > 0
            return max(0, size - present) / present if known else 0.0
        step = header + max(0, size)
        at += step + (-step % 8 if container == "w64" else 0)
    return 0.0
