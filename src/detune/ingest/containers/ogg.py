"""Ogg: pages that carry a number, a checksum, and how many samples there are up to their end."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from mmap import mmap
from typing import NamedTuple

from detune.audio.reading import UnusableTrackError, require_plausible
from detune.ingest.containers.walk import NO_END, Part, Walk, joined, not_read

FIRST_PAGE, LAST_PAGE = 2, 4
"""Flags of a stream's first and last page."""

NO_POSITION = 2**64 - 1
"""The position of a page on which no packet ends."""

OPUS_RATE = 48_000
"""Samples a second in which Opus counts, whatever it was made from."""

SILENT = (b"\x80theora", b"fishead", b"\x80kate", b"CMML", b"BBCD", b"\x8aVP8", b"OVP80")
"""How streams begin that are no audio: pictures, words, and lists of the others."""

REVERSED_BITS = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the other order."""


class Page(NamedTuple):
    """A page: bytes of it in the file, what its header says, and its first packet's beginning."""

    length: int
    flags: int
    position: int
    stream: int
    number: int
    body: bytes


@dataclass
class _Stream:
    """A stream of a link: how it counts, and where it ends."""

    rate: int
    skipped: int
    expected: int = 0
    position: int = 0
    ended: bool = False


@dataclass
class _Link:
    """One link of a chain: streams that run side by side."""

    start: int
    streams: dict[int, _Stream] = field(default_factory=dict)
    playing: bool = False
    missing: float = 0.0

    def walk(self, end: int) -> Walk:
        """The link, up to byte `end`, as a recording of its own."""
        audio = [stream for stream in self.streams.values() if stream.rate]
        if len(audio) != 1:
            raise UnusableTrackError(f"unreadable: {len(audio)} streams of audio, not one")
        seconds = max(0, audio[0].position - audio[0].skipped) / audio[0].rate
        notes = () if audio[0].ended else (NO_END,)
        return Walk((Part(self.start, end, seconds, "ogg"),), self.missing, notes=notes)


def walk_ogg(data: bytes | mmap) -> Walk:
    """Walk over the pages to the end of the file.

    Raises:
        UnusableTrackError: a page is missing or damaged, or there is not one stream of audio.
    """
    at, walks, link = 0, list[Walk](), _Link(0)
    while at < len(data):
        if data[at : at + 4] != b"OggS":
            at = _require_padding(data, at)
            continue
        page = read_page(data, at)
        if page is None:  # cut within its header: nothing says what it held
            break
        if page.flags & FIRST_PAGE and link.playing:
            walks.append(link.walk(at))
            link = _Link(at)
        if at + page.length > len(data):
            link.missing = _lost(data, at, page, link)
            break
        _add_page(data, at, page, link)
        at += page.length
    return joined([*walks, link.walk(len(data))])


def read_page(data: bytes | mmap, at: int) -> Page | None:
    """The page that begins at byte `at`; None where its header is cut."""
    header = data[at : at + 27]
    if len(header) < 27 or len(data) < at + 27 + header[26]:
        return None
    start = at + 27 + header[26]
    flags, position, stream, number = struct.unpack_from("<5xBQII", header)
    length = start - at + sum(data[at + 27 : start])
    return Page(length, flags, position, stream, number, data[start : start + 64])


def _add_page(data: bytes | mmap, at: int, page: Page, link: _Link) -> None:
    """Take a page into account, or raise `UnusableTrackError` where it is out of place."""
    whole = data[at : at + page.length]
    if ogg_checksum(whole[:22] + bytes(4) + whole[26:]) != struct.unpack_from("<I", whole, 22)[0]:
        raise UnusableTrackError(f"damaged: the page at byte {at} differs from its checksum")
    if page.flags & FIRST_PAGE:
        link.streams[page.stream] = _stream(page.body)
        link.streams[page.stream].expected = page.number
    link.playing |= not page.flags & FIRST_PAGE
    stream = _expecting(at, page, link)
    stream.expected += 1
    stream.ended |= bool(page.flags & LAST_PAGE)
    if page.position != NO_POSITION:
        stream.position = page.position


def _expecting(at: int, page: Page, link: _Link) -> _Stream:
    """The stream whose next page this is, or raise `UnusableTrackError`."""
    stream = link.streams.get(page.stream)
    if stream is None or page.number != stream.expected:
        raise UnusableTrackError(f"damaged: pages are missing before byte {at}")
    return stream


def _lost(data: bytes | mmap, at: int, page: Page, link: _Link) -> float:
    """How much audio, in s, a page held that is cut; raise where it is its header that is wrong."""
    if data.find(b"OggS", at + 4) >= 0:
        raise UnusableTrackError(f"damaged: the page at byte {at} is longer than what follows it")
    if page.flags & FIRST_PAGE:
        return 0.0
    stream = _expecting(at, page, link)
    if not stream.rate or page.position == NO_POSITION:
        return 0.0
    return max(0, page.position - max(stream.position, stream.skipped)) / stream.rate


def _stream(body: bytes) -> _Stream:
    """The stream whose first packet begins with these bytes; its rate is 0 for no audio."""
    if body.startswith(b"\x01vorbis") and len(body) >= 16:
        return _audio(struct.unpack_from("<I", body, 12)[0])
    if body.startswith(b"OpusHead") and len(body) >= 12:
        return _audio(OPUS_RATE, struct.unpack_from("<H", body, 10)[0])
    if body.startswith(b"\x7fFLAC") and len(body) >= 30:
        return _audio(int.from_bytes(body[27:30], "big") >> 4)
    if body.startswith(b"Speex   ") and len(body) >= 40:
        return _audio(struct.unpack_from("<I", body, 36)[0])
    if body.startswith(SILENT):
        return _Stream(0, 0)
    raise not_read("a stream of an unknown kind in Ogg")


def _audio(rate: int, skipped: int = 0) -> _Stream:
    """A stream of audio at `rate`, of which the first samples are skipped."""
    require_plausible(rate, 1)
    return _Stream(rate, skipped)


def _require_padding(data: bytes | mmap, at: int) -> int:
    """Where the next page begins after zeros or tags at byte `at`, or the file ends.

    Raises:
        UnusableTrackError: something else is there.
    """
    rest = data[at:]
    if rest[:3] == b"TAG" and len(rest) == 128:
        return len(data)
    skipped = len(rest) - len(rest.lstrip(b"\0"))
    if not skipped:
        raise UnusableTrackError(f"damaged: no page of Ogg at byte {at}")
    return at + skipped


def ogg_checksum(page: bytes) -> int:
    """CRC-32 as Ogg has it: zlib's polynomial with the bits in the other order, starting at 0."""
    mirrored = zlib.crc32(page.translate(REVERSED_BITS), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
