"""Walks: what the frames, pages or chunks of a file hold, counted without decoding them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from mmap import mmap
from typing import Any, BinaryIO, NamedTuple, cast

from detune.audio.reading import UnusableTrackError

NO_SIZE = "no size: its header has none, and all that is there was taken"
NO_END = "no end: its last page does not say that it is the last"
CUT_FRAME = "last frame cut: the frames before it were taken"

CONVERT = "convert it, for example with ffmpeg"


class Window(io.RawIOBase):
    """Bytes `start` to `end` of a file's data as a file of its own, read as they are needed."""

    def __init__(self, data: bytes | mmap, start: int, end: int) -> None:
        self._data, self._start, self._size, self._at = data, start, end - start, 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`; return how many bytes were read."""
        count = max(0, min(len(buffer), self._size - self._at))
        first = self._start + self._at
        buffer[:count] = self._data[first : first + count]
        self._at += count
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, which may lie behind the end."""
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at


class Part(NamedTuple):
    """A recording within a file, from byte `start` to `end`.

    Attributes:
        start: its first byte.
        end: the byte behind its last.
        seconds: how much audio its frames, pages or chunks hold.
        container: FFmpeg's name of the container.
        by_libsndfile: whether libsndfile decodes it, and FFmpeg only where it fails to.
    """

    start: int
    end: int
    seconds: float
    container: str
    by_libsndfile: bool = True

    def file(self, data: bytes | mmap) -> BinaryIO:
        """The recording as a file of its own."""
        return cast(BinaryIO, Window(data, self.start, self.end))


@dataclass(frozen=True)
class Walk:
    """What is in a file.

    Attributes:
        parts: the recordings in it, one after the other; nearly always one.
        missing: how much audio headers promise beyond that, s.
        extra: how much there would be in what follows the end that headers tell, s.
        notes: what is untidy, but no loss.
    """

    parts: tuple[Part, ...]
    missing: float = 0.0
    extra: float = 0.0
    notes: tuple[str, ...] = field(default=())

    @property
    def seconds(self) -> float:
        """How much audio is in the file."""
        return sum(part.seconds for part in self.parts)

    def moved(self, by: int) -> Walk:
        """The same walk where the file begins `by` bytes later."""
        parts = [part._replace(start=part.start + by, end=part.end + by) for part in self.parts]
        return replace(self, parts=tuple(parts))


def joined(walks: Sequence[Walk]) -> Walk:
    """Files one after the other, as one."""
    notes = [note for walk in walks for note in walk.notes]
    return Walk(
        tuple(part for walk in walks for part in walk.parts),
        sum(walk.missing for walk in walks),
        sum(walk.extra for walk in walks),
        tuple(dict.fromkeys(notes)),
    )


def not_read(what: str) -> UnusableTrackError:
    """The reason for a format that no decoder here reads reliably."""
    return UnusableTrackError(f"format not read: {what}: {CONVERT}")
