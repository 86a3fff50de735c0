"""Validation: read a file of any content, and refuse it unless all of it is intact audio."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple

import numpy as np

from detune.audio.channels import Channels
from detune.audio.constants import SAMPLE_RATE, SEGMENT_SECONDS
from detune.audio.level import level_dbfs
from detune.audio.reading import (
    Audio,
    Decoder,
    UnusableTrackError,
    libsndfile,
    read_audio,
    require_numbers,
)
from detune.ingest.containers import (
    Part,
    flac_checksum,
    require_all_read,
    require_complete,
    skip_id3,
    walk_file,
)
from detune.ingest.ffmpeg import decoded

SILENCE_DBFS = -70.0
"""A track whose RMS level stays below this is silent."""

FULL_SCALE = 0.99
"""A sample at least this large counts as clipped: within 0.1 dB of the largest there is."""

MAX_CLIPPED_SHARE = 0.2
"""A track with a larger share of clipped samples is cannot be used.

Of 80 GTZAN tracks the worst has 0.2 %. Overdriven by 6 dB, the worst has 11 %, and half have under
0.5 %; it takes 18 dB until most (57 of 80) are above this.
"""


MISSING_MS = 100.0
"""Audio that may be missing at a file's end where no parameter says so, ms: about a frame."""

CANCELLING = "channels cancel: "
INVERTED = f"{CANCELLING}mixed with the second one inverted"
LOUDEST = f"{CANCELLING}the loudest one was taken"


class Recording(NamedTuple):
    """Samples `(n,)`, float32 at 22,050 Hz within [-1, 1], and what was untidy in their file."""

    audio: np.ndarray
    notes: tuple[str, ...] = ()


def validate_audio(path: Path, missing_ms: float = MISSING_MS) -> Recording:
    """Decode a file to mono at 22,050 Hz, if it is complete and as it was written.

    Args:
        path: the file.
        missing_ms: how much audio may be missing at its end.

    Raises:
        UnusableTrackError: the file can't be read, is no audio, lacks something that its headers
            announce, differs from its checksums, gives another length when it is decoded than its
            frames say, or is clipped too much.
    """
    clipping, allowed = Clipping(), missing_ms / 1000
    with _mapped(path) as data:
        walk = walk_file(data)
        notes = require_complete(walk, allowed)
        recordings = []
        for part in walk.parts:
            alone = (part.start, part.end) == (skip_id3(data), len(data))
            audio = path if alone else part.file(data)
            header = b"" if walk.missing else data[part.start : part.start + 64]
            judge = partial(
                require_all_read, walked=part.seconds, allowed=allowed, missing=walk.missing
            )
            recordings.append(_read_part(audio, part, header, clipping, judge))
    clipping.require_unclipped()
    notes += tuple(note for recording in recordings for note in recording.notes)
    audios = [recording.audio for recording in recordings]
    return Recording(
        audios[0] if len(audios) == 1 else np.concatenate(audios), tuple(dict.fromkeys(notes))
    )


def _read_part(
    audio: Audio, part: Part, header: bytes, clipping: Clipping, judge: Callable[[float], None]
) -> Recording:
    """Decode a recording with the first decoder that gives as much as `judge` lets pass."""
    by_ffmpeg = partial(decoded, container=part.container)
    decoders: list[Decoder] = [libsndfile, by_ffmpeg] if part.by_libsndfile else [by_ffmpeg]
    faults: list[UnusableTrackError] = []
    for decoder in decoders:
        trial = Clipping()
        try:
            recording = _decode(audio, header, decoder, trial)
            judge(recording.audio.size / SAMPLE_RATE)
        except UnusableTrackError as fault:
            faults.append(fault)
            continue
        clipping.extend(trial)
        return recording
    raise faults[0]


def _decode(audio: Audio, header: bytes, decoder: Decoder, clipping: Clipping) -> Recording:
    """Decode a recording; `header` is that of its checksum."""
    checksum, channels = flac_checksum(header), Channels()

    def inspect(block: np.ndarray) -> None:
        clipping.add(block)
        channels.add(block)
        if checksum is not None:
            checksum.add(block)

    samples = read_audio(audio, inspect, decoder)
    if checksum is not None:
        checksum.require_equal()
    weights = channels.weights()
    if weights is None:
        return Recording(samples)
    note = INVERTED if weights.min() < 0 else LOUDEST
    return Recording(read_audio(audio, decoder=decoder, weights=weights), (note,))


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

    def extend(self, other: Clipping) -> None:
        """Add what another has counted."""
        self._clipped += other._clipped
        self._samples += other._samples

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
