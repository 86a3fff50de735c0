"""Limits on what an archive may unpack to, counted while it is unpacked."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, Any

from detune.support.errors import UserError

MAX_MEMBERS = 500_000
"""Members that an archive may have: five times the largest public collections of music."""

MAX_RATIO, FREE_BYTES = 50, 64 << 20
"""An archive may unpack to this many times its size, and these bytes more.

Audio packs to a half or a tenth of its size; a bomb, to a thousandth.
"""


class Meter:
    """Counts what is unpacked, and stops where it is more than music can be."""

    def __init__(self, path: Path) -> None:
        """Set the limit by the size of the archive."""
        self._path, self._bytes, self._members = path, 0, 0
        self._most = MAX_RATIO * path.stat().st_size + FREE_BYTES

    def add(self, count: int) -> None:
        """Add `count` bytes that were unpacked."""
        self._bytes += count
        if self._bytes > self._most:
            raise UserError(
                f"{self._path} unpacks to more than {MAX_RATIO} times its size, as no music does: "
                "give another archive"
            )

    def add_member(self) -> None:
        """Add a member."""
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise UserError(f"{self._path} has more than {MAX_MEMBERS} members")


class MeteredStream(io.RawIOBase):
    """A stream whose bytes are counted as they are read."""

    def __init__(self, stream: IO[bytes], meter: Meter) -> None:
        self._stream, self._meter = stream, meter

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`; return how many bytes were read."""
        block = self._stream.read(len(buffer))
        self._meter.add(len(block))
        buffer[: len(block)] = block
        return len(block)
