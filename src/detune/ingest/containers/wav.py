"""WAV: chunks, of which one says how samples are stored, and one holds them.

Sizes are what programs most often get wrong. One that writes to a pipe can't go back to write
them: it leaves 0, or the largest number that it knows.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from mmap import mmap
from typing import NamedTuple

from detune.audio.reading import UnusableTrackError, require_plausible
from detune.ingest.containers.mpeg import skip_untidy, walk_mpeg
from detune.ingest.containers.walk import NO_SIZE, Part, Walk, joined, not_read

Data = bytes | mmap

UNKNOWN_SIZES = (range(0x7FFF0000, 0x80010000), range(0xFFFF0000, 0x100000000))
"""Sizes that stand for none, where so much is not there: the largest numbers, or a little less."""

PCM, FLOAT, A_LAW, MU_LAW, MP3, EXTENSIBLE = 1, 3, 6, 7, 0x55, 0xFFFE
PLAIN = (PCM, FLOAT, A_LAW, MU_LAW)
IN_BLOCKS = (2, 0x11, 0x31)
"""Kinds whose headers give the samples of a block: ADPCM by Microsoft and by IMA, and GSM."""


class Chunk(NamedTuple):
    """Name, place and size of a chunk."""

    name: bytes
    start: int
    size: int


class Format(NamedTuple):
    """How samples are stored: kind, channels, rate, and the samples and bytes of a block."""

    kind: int
    channels: int
    rate: int
    block_samples: int
    block_bytes: int

    def seconds(self, size: int) -> float:
        """How much audio so many bytes hold."""
        return size / self.block_bytes * self.block_samples / self.rate


def walk_wav(data: Data) -> Walk:
    """Walk over the chunks.

    Raises:
        UnusableTrackError: one of those that matter is not there, or is of no known kind.
    """
    order = ">" if data[:4] == b"RIFX" else "<"
    form, wide = None, 0
    for chunk in chunks(data, 12, order):
        if chunk.name == b"ds64" and len(data) >= chunk.start + 16:
            (wide,) = struct.unpack_from("<Q", data, chunk.start + 8)
        if chunk.name == b"fmt ":
            form = read_format(data[chunk.start : chunk.start + min(chunk.size, 64)], order)
        if chunk.name == b"data":
            if form is None:
                raise UnusableTrackError("unreadable: nothing says how its samples are stored")
            # RF64 keeps the size in a chunk before this one.
            size = wide if wide and chunk.size in (0, 0xFFFFFFFF) else chunk.size
            return _walk_samples(data, chunk._replace(size=size), form, order)
    raise UnusableTrackError("truncated: its header is there, but no samples")


def read_format(body: bytes, order: str) -> Format:
    """The format that a `fmt ` chunk describes.

    Raises:
        UnusableTrackError: it is cut, no recording's, or of a kind that is not read.
    """
    if len(body) < 16:
        raise UnusableTrackError("unreadable: nothing says how its samples are stored")
    kind, channels, rate, _, align, bits = struct.unpack_from(f"{order}HHIIHH", body)
    if kind == EXTENSIBLE and len(body) >= 26:
        (kind,) = struct.unpack_from(f"{order}H", body, 24)
    require_plausible(rate, channels)
    if kind in PLAIN:
        whole = channels * ((bits + 7) // 8)
        return Format(kind, channels, rate, 1, align if align % channels == 0 and align else whole)
    if kind in IN_BLOCKS and len(body) >= 20:
        (samples,) = struct.unpack_from(f"{order}H", body, 18)
        if align and samples:
            return Format(kind, channels, rate, samples, align)
    if kind == MP3:
        return Format(kind, channels, rate, 0, 1)
    raise not_read(f"WAV of kind {kind:#06x}")


def is_unknown(size: int, present: int) -> bool:
    """Whether a size in a header stands for none; `present` are the bytes that are there."""
    return size > present and any(size in sizes for sizes in UNKNOWN_SIZES)


def chunks(data: Data, at: int, order: str) -> Iterator[Chunk]:
    """The chunks from byte `at` up to the end of the file."""
    while at + 8 <= len(data):
        size = struct.unpack_from(f"{order}I", data, at + 4)[0]
        yield Chunk(data[at : at + 4], at + 8, size)
        at += 8 + size + size % 2


def _walk_samples(data: Data, chunk: Chunk, form: Format, order: str) -> Walk:
    """The samples in a chunk, and what comes after it."""
    present = len(data) - chunk.start
    open_end = is_unknown(chunk.size, present) or chunk.size >= 1 << 62
    open_end |= chunk.size == 0 and present > 8 and not _is_chunk(data, chunk.start, order)
    held = present if open_end else min(chunk.size, present)
    notes = (NO_SIZE,) if open_end else ()
    end = chunk.start + held
    if form.kind == MP3:
        inner = walk_mpeg(data[chunk.start : end])
        parts: tuple[Part, ...] = (Part(0, end, inner.seconds, "wav"),)
        lost = 0 if open_end else (chunk.size - held) / held * inner.seconds
        missing = max(inner.missing, lost)
    else:
        parts = (Part(0, end, form.seconds(held), "wav"),)
        missing = form.seconds(0 if open_end else chunk.size - held)
    rest = _walk_rest(data, end + held % 2, form, order)
    if len(rest.parts) == 0:  # libsndfile and FFmpeg read chunks behind the samples, too
        parts = (parts[0]._replace(end=len(data)),)
    return joined([Walk(parts, missing, notes=notes), rest])


def _walk_rest(data: Data, at: int, form: Format, order: str) -> Walk:
    """What comes after the samples: chunks, tags and padding; or another file, or more samples."""
    while at < len(data):
        if not _is_chunk(data, at, order) and _is_chunk(data, at - 1, order):
            at -= 1  # a byte of padding was forgotten
        if data[at : at + 4] in (b"RIFF", b"RIFX") and data[at + 8 : at + 12] == b"WAVE":
            return walk_wav(data[at:]).moved(at)
        if _is_chunk(data, at, order):
            name, size = data[at : at + 4], struct.unpack_from(f"{order}I", data, at + 4)[0]
            if name == b"data":
                raise UnusableTrackError("damaged: it has samples in several chunks")
            at += 8 + size + size % 2
        else:
            after = skip_untidy(data, at)
            if after == at:
                return Walk((), extra=form.seconds(len(data) - at))
            at = after
    return Walk(())


def _is_chunk(data: Data, at: int, order: str) -> bool:
    """Whether a chunk begins at byte `at`: its name can be read, and it ends within the file."""
    name = data[at : at + 4]
    if len(data) < at + 8 or not all(32 <= byte < 127 for byte in name):
        return False
    size: int = struct.unpack_from(f"{order}I", data, at + 4)[0]
    return at + 8 + size <= len(data) + 1 or name in (b"RIFF", b"RIFX")
