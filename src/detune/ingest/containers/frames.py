"""Headers of MPEG audio (layers I to III) and of AAC in ADTS, each of which gives its length."""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER = 7
"""Bytes of the longest header."""

BITRATES = {
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 1): tuple(range(32, 449, 32)),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
}
"""kbit/s by version (2 stands for 2.5 as well) and layer; a header's first index is 1."""

RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Samples a second by the header's version bits: MPEG 1, 2 and 2.5."""

AAC_RATES = (
    *(96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000),
    *(22_050, 16_000, 12_000, 11_025, 8_000, 7_350),
)
"""Samples a second of AAC, by the header's index."""

LAYER_OF_AAC = 4
"""What the two bits of the layer, turned around, say in a header of ADTS."""


class Frame(NamedTuple):
    """A frame: bytes, samples a channel, samples a second, and what no frame of a file changes.

    `mono` is the same in all frames of one recording, too, though some files have a silent mono
    frame or two among others.
    """

    length: int
    samples: int
    rate: int
    kind: tuple[int, int, int]
    mono: bool = False


def read_frame(header: bytes) -> Frame | None:
    """The frame that begins with these bytes, or None where none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    if layer == LAYER_OF_AAC:
        return _adts_frame(header)
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or rate == 3 or not 1 <= bitrate <= 14:
        return None
    bits = 1000 * BITRATES[1 if version == 3 else 2, layer][bitrate - 1]
    hertz, kind = RATES[version][rate], (version, layer, rate)
    mono = header[3] >> 6 == 3
    if layer == 1:
        return Frame((12 * bits // hertz + padding) * 4, 384, hertz, kind, mono)
    samples = 576 if layer == 3 and version != 3 else 1152
    return Frame(samples // 8 * bits // hertz + padding, samples, hertz, kind, mono)


def is_free_format(header: bytes) -> bool:
    """Whether a frame of MPEG audio begins here whose header does not tell its bit rate."""
    known = bytes((*header[:2], header[2] | 0x10, header[3])) if len(header) >= 4 else b""
    return header[2:3] < b"\x10" and read_frame(known) is not None and header[1] & 6 != 0


def _adts_frame(header: bytes) -> Frame | None:
    """The frame of AAC that begins with these bytes."""
    if len(header) < HEADER or header[1] & 0xF6 != 0xF0:
        return None
    index = header[2] >> 2 & 15
    length = int.from_bytes(header[3:6], "big") >> 5 & 0x1FFF
    if index >= len(AAC_RATES) or length < HEADER:
        return None
    samples = 1024 * ((header[6] & 3) + 1)
    return Frame(length, samples, AAC_RATES[index], (header[1] & 8, LAYER_OF_AAC, index))


class Tag(NamedTuple):
    """What the first frame of many MP3 files says of all others, 0 where it doesn't.

    Attributes:
        frames: how many follow.
        trimmed: samples that the encoder added at the beginning and at the end.
        length: bytes of this and all other frames.
        checksum: LAME's, of all other frames.
    """

    frames: int = 0
    trimmed: int = 0
    length: int = 0
    checksum: int = 0


def read_tag(frame: bytes) -> Tag | None:
    """The tag of Xing, LAME or Fraunhofer (VBRI) in a file's first frame; None without one."""
    if frame[36:40] == b"VBRI" and len(frame) >= 54:
        return Tag(frames=struct.unpack_from(">I", frame, 50)[0])
    at = max(frame[:42].find(b"Xing"), frame[:42].find(b"Info"))
    if at < 0 or len(frame) < at + 12:
        return None
    (flags,) = struct.unpack_from(">I", frame, at + 4)
    frames = struct.unpack_from(">I", frame, at + 8)[0] if flags & 1 else 0
    sizes = ((1, 4), (2, 4), (4, 100), (8, 4))  # counts of frames and bytes, places, quality
    at += 8 + sum(size for flag, size in sizes if flags & flag)
    if len(frame) < at + 34:
        return Tag(frames)
    added = int.from_bytes(frame[at + 21 : at + 24], "big")
    return Tag(frames, (added >> 12) + (added & 0xFFF), *struct.unpack_from(">IH", frame, at + 28))
