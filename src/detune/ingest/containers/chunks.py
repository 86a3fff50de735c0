"""AIFF and AU: headers that say how many bytes of samples follow, or that they don't know."""

from __future__ import annotations

import struct
from mmap import mmap

from detune.audio.reading import UnusableTrackError, require_plausible
from detune.ingest.containers.mpeg import skip_untidy
from detune.ingest.containers.walk import NO_SIZE, Part, Walk, not_read
from detune.ingest.containers.wav import chunks, is_unknown

BITS_OF_AIFC = {b"ulaw": 8, b"ULAW": 8, b"alaw": 8, b"ALAW": 8, b"fl32": 32, b"FL32": 32}
BITS_OF_AIFC |= {b"fl64": 64, b"FL64": 64, b"in24": 24, b"in32": 32}
"""AIFF-C's names for samples whose width is not the header's."""

PLAIN_AIFC = (b"NONE", b"sowt", b"twos", b"raw ")
"""AIFF-C's names for samples that are as the header says."""

BITS_OF_AU = {1: 8, 2: 8, 3: 16, 4: 24, 5: 32, 6: 32, 7: 64, 27: 8, 23: 4, 25: 3, 26: 5}
"""Bits of a sample by AU's number of the encoding."""

Data = bytes | mmap


def walk_aiff(data: Data) -> Walk:
    """Walk over the chunks of an AIFF or AIFF-C file.

    Raises:
        UnusableTrackError: one that matters is not there, or is of no known kind.
    """
    width = rate = promised = 0.0
    for name, start, size in chunks(data, 12, ">"):
        if name == b"COMM" and len(data) >= start + 18:
            width, rate, promised = _common(data[start : start + min(size, 64)])
        if name == b"SSND" and len(data) >= start + 8:
            if not width:
                raise UnusableTrackError("unreadable: nothing says how its samples are stored")
            first = start + 8 + struct.unpack_from(">I", data, start)[0]
            present = max(0, len(data) - first)
            open_end = is_unknown(size, len(data) - start) or (size <= 8 and present > 8)
            said = max(0, start + size - first)
            held = present if open_end else min(said, present)
            missing = 0 if open_end else max(promised if promised < 2**30 else 0, said) - held
            part = Part(0, len(data), held / width / rate, "aiff")
            notes = (NO_SIZE,) if open_end else ()
            return Walk((part,), max(0, missing) / width / rate, notes=notes)
    raise UnusableTrackError("truncated: its header is there, but no samples")


def _common(body: bytes) -> tuple[float, float, float]:
    """Bytes of a sample of all channels, samples a second, and bytes of all samples."""
    if len(body) < 18:
        raise UnusableTrackError("unreadable: nothing says how its samples are stored")
    channels, frames, bits, exponent, mantissa = struct.unpack_from(">HIHHQ", body)
    rate = round(mantissa * 2.0 ** (exponent - 16383 - 63)) if exponent < 16500 else 0
    require_plausible(rate, channels)
    kind = body[18:22]
    if kind == b"ima4":
        return 34 * channels / 64, rate, 34.0 * channels * frames
    if kind in BITS_OF_AIFC:
        bits = BITS_OF_AIFC[kind]
    elif len(kind) == 4 and kind not in PLAIN_AIFC:
        raise not_read("AIFF-C of an unusual kind")
    width = channels * ((bits + 7) // 8)
    return width, rate, float(width * frames)


def walk_au(data: Data) -> Walk:
    """Read the header of an AU file.

    Raises:
        UnusableTrackError: it is cut, or of no known kind.
    """
    if len(data) < 24:
        raise UnusableTrackError("truncated: not even its header is complete")
    order = ">" if data[:4] == b".snd" else "<"
    start, size, encoding, rate, channels = struct.unpack_from(f"{order}5I", data, 4)
    require_plausible(rate, channels)
    if encoding not in BITS_OF_AU:
        raise not_read(f"AU of encoding {encoding}")
    bytes_a_second = rate * channels * BITS_OF_AU[encoding] / 8
    present = max(0, len(data) - max(24, start))
    open_end = is_unknown(size, present) or size == 0
    held = present if open_end else min(size, present)
    after = skip_untidy(data, max(24, start) + held)
    return Walk(
        (Part(0, len(data), held / bytes_a_second, "au"),),
        missing=0.0 if open_end else (size - held) / bytes_a_second,
        extra=(len(data) - after) / bytes_a_second if after < len(data) else 0.0,
        notes=(NO_SIZE,) if open_end else (),
    )
