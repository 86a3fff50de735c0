"""MPEG audio (MP3): frames one after the other, each with a header that gives its length."""

from __future__ import annotations

from mmap import mmap
from typing import NamedTuple

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.lame import require_lame_checksum

BITRATES = {
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s by version (2 stands for 2.5 as well) and layer; a header's first index is 1."""

RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Samples a second by the header's version bits: MPEG 1, 2 and 2.5."""

TRAILERS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3", b"3DI")
"""What may follow the last frame: tags."""


class Frame(NamedTuple):
    """A frame's length in bytes, and what stays the same from frame to frame."""

    length: int
    kind: tuple[int, int, int]


def skip_id3(data: bytes | mmap) -> int:
    """Where the audio begins after ID3v2 tags, which may come before any kind of file."""
    at = 0
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        size = sum((data[at + 6 + n] & 127) << 7 * (3 - n) for n in range(4))
        footer = 10 if data[at + 5] & 16 else 0
        at += 10 + size + footer
    return at


def require_complete_mpeg(data: bytes | mmap) -> None:
    """Raise `UnusableTrackError` where frames do not follow one another to the file's end."""
    at = start = skip_id3(data)
    first = None
    while frame := read_frame(data[at : at + 4]):
        first = first or frame
        if frame.kind != first.kind:
            raise UnusableTrackError(f"damaged: a frame of another kind at byte {at}")
        at += frame.length
    if at > len(data):
        raise UnusableTrackError("truncated: its last frame is cut")
    _require_trailer(data, at)
    if first is None:
        raise UnusableTrackError("truncated: its tags are there, but no frames")
    require_lame_checksum(data, start, start + first.length, at)


def read_frame(header: bytes) -> Frame | None:
    """The frame that begins with these four bytes, or None where none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer not in (2, 3) or rate == 3 or not 1 <= bitrate <= 14:
        return None
    kilobits = BITRATES[1 if version == 3 else 2, layer][bitrate - 1]
    halves = 72 if layer == 3 and version != 3 else 144
    length = halves * 1000 * kilobits // RATES[version][rate] + padding
    return Frame(length, (version, layer, rate))


def _require_trailer(data: bytes | mmap, at: int) -> None:
    """Raise `UnusableTrackError` where what follows the frames is neither a tag nor zeros."""
    rest = data[at:]
    if rest.startswith(TRAILERS) or not rest.strip(b"\0"):
        return
    if len(rest) < 4 and rest[0] == 0xFF:
        raise UnusableTrackError("truncated: its last frame is cut")
    raise UnusableTrackError(f"damaged: no frame of MPEG audio at byte {at}")
