"""Read any audio file as mono at 22,050 Hz."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from detune.audio.format import SAMPLE_RATE

LONGEST_SECONDS = 3_600
"""A longer file is no track, and its samples would fill the memory."""

LOWEST_RATE, HIGHEST_RATE = 4_000, 768_000
"""Samples a second that recordings have; others make absurd lengths of a few bytes."""

MOST_CHANNELS = 32
"""Channels that recordings have, at most."""

BLOCK_SAMPLES = 1 << 18
"""Samples decoded at a time, of all channels: memory grows with the mono track only."""

UNKNOWN_FRAMES = 1 << 62
"""From here on, libsndfile's count of frames means that the header gives none."""


class UnusableTrackError(Exception):
    """The audio can't be studied; the message is the reason."""


def _look_away(block: np.ndarray) -> None:
    """Inspect nothing."""


def read_audio(path: Path, inspect: Callable[[np.ndarray], None] = _look_away) -> np.ndarray:
    """Decode a whole file to mono at 22,050 Hz.

    Args:
        path: the file.
        inspect: is shown each block `(n, channels)` of samples as they are in the file.

    Returns:
        Samples of shape `(n,)`, float32, within [-1, 1].

    Raises:
        UnusableTrackError: the file can't be decoded, holds less than its header promises or
            samples that are not numbers, or is no recording by its length, rate or channels.
    """
    try:
        with _ForwardFile(path) as file:
            _require_sane(file)
            return _resampled(_mono_blocks(file, inspect), file.samplerate)
    except (soundfile.LibsndfileError, OSError, RuntimeError) as error:
        # Without the path that libsndfile puts in front: the reason is the same everywhere.
        reason = (str(error).splitlines() or [type(error).__name__])[0].rpartition(": ")[2]
        raise UnusableTrackError(f"unreadable: {reason}") from error


class _ForwardFile(soundfile.SoundFile):  # type: ignore[misc]
    """A file read from front to end, without the seek that soundfile makes after each read.

    In a compressed file that seek decodes parts twice, and not always to the same samples.
    """

    def seekable(self) -> bool:
        return False


def _require_sane(file: soundfile.SoundFile) -> None:
    """Raise `UnusableTrackError` where the header is no recording's."""
    rate, channels = file.samplerate, file.channels
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise UnusableTrackError(
            f"no recording: {rate} Hz, not between {LOWEST_RATE} and {HIGHEST_RATE}"
        )
    if channels > MOST_CHANNELS:
        raise UnusableTrackError(f"no recording: {channels} channels of at most {MOST_CHANNELS}")
    if file.frames < UNKNOWN_FRAMES:
        _require_not_too_long(file.frames / rate)


def _require_not_too_long(seconds: float) -> None:
    """Raise `UnusableTrackError` where a file says, or turns out, to last too long."""
    if seconds > LONGEST_SECONDS:
        raise UnusableTrackError(f"too long: {seconds:.0f} s of at most {LONGEST_SECONDS} s")


def _mono_blocks(
    file: soundfile.SoundFile, inspect: Callable[[np.ndarray], None]
) -> Iterator[np.ndarray]:
    """Yield the file's samples `(n,)`, mixed to mono, block by block."""
    frames, held = BLOCK_SAMPLES // file.channels, 0
    while True:
        block = file.read(frames, dtype="float32", always_2d=True)
        require_numbers(block)  # resampling spreads them, clipping hides them
        inspect(block)
        held += len(block)
        _require_not_too_long(held / file.samplerate)
        with np.errstate(over="ignore"):
            yield block.mean(axis=1, dtype=np.float32)
        if len(block) < frames:
            break
    if held < file.frames < UNKNOWN_FRAMES:
        promised, there = file.frames / file.samplerate, held / file.samplerate
        raise UnusableTrackError(f"truncated: {there:.2f} s of {promised:.2f} s are there")


def _resampled(blocks: Iterator[np.ndarray], rate: int) -> np.ndarray:
    """Join `blocks` of mono samples at 22,050 Hz, within [-1, 1]."""
    if rate != SAMPLE_RATE:
        stream = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
        parts = [stream.resample_chunk(block) for block in blocks]
        parts.append(stream.resample_chunk(np.empty(0, np.float32), last=True))
    else:
        parts = list(blocks)
    audio = np.concatenate(parts)
    require_numbers(audio)  # sums of samples near the largest float32 are none
    return np.asarray(np.clip(audio, -1.0, 1.0), dtype=np.float32)


def require_numbers(audio: np.ndarray) -> None:
    """Raise `UnusableTrackError` where a sample is infinite or not a number."""
    if not np.isfinite(audio).all():
        raise UnusableTrackError("samples that are not numbers")
