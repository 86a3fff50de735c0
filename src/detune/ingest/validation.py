"""Validation: read a file of any content, and refuse it unless all of it is intact audio."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SECONDS
from detune.audio.level import level_dbfs
from detune.audio.reading import UnusableTrackError, read_audio, require_numbers
from detune.ingest.containers import flac_checksum, require_complete

SILENCE_DBFS = -70.0
"""A track whose RMS level stays below this is silent."""

FULL_SCALE = 0.99
"""A sample at least this large counts as clipped: within 0.1 dB of the largest there is."""

MAX_CLIPPED_SHARE = 0.2
"""A track with a larger share of clipped samples is cannot be used.

Of 80 GTZAN tracks the worst has 0.2 %. Overdriven by 6 dB, the worst has 11 %, and half have under
0.5 %; it takes 18 dB until most (57 of 80) are above this.
"""


def validate_audio(path: Path) -> np.ndarray:
    """Decode a file to mono at 22,050 Hz, if it is complete and as it was written.

    Returns:
        Samples of shape `(n,)`, float32, within [-1, 1].

    Raises:
        UnusableTrackError: the file can't be read, is no audio, lacks something that its headers
            announce, differs from its checksums, or is clipped too much.
    """
    clipping = Clipping()
    with _mapped(path) as data:
        require_complete(data)
        checksum = flac_checksum(data)

    def inspect(block: np.ndarray) -> None:
        clipping.add(block)
        if checksum is not None:
            checksum.add(block)

    audio = read_audio(path, inspect)
    if checksum is not None:
        checksum.require_equal()
    clipping.require_unclipped()
    return audio


def require_usable(audio: np.ndarray) -> None:
    """Raise `UnusableTrackError` where `audio` `(n,)` is empty, broken, short or silent."""
    if audio.size == 0:
        raise UnusableTrackError("empty")
    require_numbers(audio)
    seconds = audio.size / SAMPLE_RATE
    if seconds < SEGMENT_SECONDS:
        raise UnusableTrackError(f"too short: {seconds:.2f} s of at least {SEGMENT_SECONDS:g} s")
    if level_dbfs(audio) < SILENCE_DBFS:
        raise UnusableTrackError(f"silent: below {SILENCE_DBFS:g} dBFS")


class Clipping:
    """Counts samples at full scale."""

    def __init__(self) -> None:
        """Start with no samples."""
        self._clipped = self._samples = 0

    def add(self, block: np.ndarray) -> None:
        """Add a block `(n, channels)` of samples as they are in the file."""
        self._clipped += int(np.count_nonzero(np.abs(block) >= FULL_SCALE))
        self._samples += block.size

    def require_unclipped(self) -> None:
        """Raise `UnusableTrackError` where too many samples are at full scale."""
        share = self._clipped / max(1, self._samples)
        if share > MAX_CLIPPED_SHARE:
            raise UnusableTrackError(
                f"clipped: {share:.0%} of its samples, more than {MAX_CLIPPED_SHARE:.0%}"
            )


@contextmanager
def _mapped(path: Path) -> Iterator[mmap | bytes]:
    """The file's bytes, read as they are needed."""
    try:
        # Without waiting: a pipe of that name would block the reader until somebody writes.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise UnusableTrackError(f"unreadable: {error.strerror}") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnusableTrackError("unreadable: not a file")
        if status.st_size == 0:
            raise UnusableTrackError("empty: a file of 0 bytes")
        with mmap(descriptor, 0, access=ACCESS_READ) as data:
            yield data
    finally:
        os.close(descriptor)
