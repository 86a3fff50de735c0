"""Read any audio file as mono at 22,050 Hz."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from detune.audio.constants import SAMPLE_RATE

MAX_SECONDS = 3_600
"""A longer file is no track, and its samples would fill the memory."""

MIN_RATE, MAX_RATE = 4_000, 768_000
"""Samples per second of recordings; other rates give absurd lengths."""

MAX_CHANNELS = 32
"""Channels that recordings have, at most."""

BLOCK_SAMPLES = 1 << 18
"""Samples decoded at a time, of all channels: memory grows with the mono track only."""

UNKNOWN_FRAMES = 1 << 62
"""From this number on, a count of frames by libsndfile means that the header has none."""


class UnusableTrackError(Exception):
    """The audio can't be studied; the message is the reason."""


def _ignore(block: np.ndarray) -> None:
    """Inspect nothing."""


def read_audio(path: Path, inspect: Callable[[np.ndarray], None] = _ignore) -> np.ndarray:
    """Decode a complete file to mono at 22,050 Hz.

    Args:
        path: the file.
        inspect: is called with each block `(n, channels)` of samples as they are in the file.

    Returns:
        Samples of shape `(n,)`, float32, within [-1, 1].

    Raises:
        UnusableTrackError: the file can't be decoded, holds less than its header announces or
            samples that are not numbers, or is no recording by its length, rate or channels.
    """
    try:
        with _ForwardFile(path) as file:
            _require_plausible(file)
            return _resampled(_mono_blocks(file, inspect), file.samplerate)
    except (soundfile.LibsndfileError, OSError, RuntimeError) as error:
        # Without the path that libsndfile puts in front: the reason is the same everywhere.
        reason = (str(error).splitlines() or [type(error).__name__])[0].rpartition(": ")[2]
        raise UnusableTrackError(f"unreadable: {reason}") from error


class _ForwardFile(soundfile.SoundFile):  # type: ignore[misc]
    """A file read from start to end, without the seek that soundfile makes after each read.

    In a compressed file that seek decodes parts twice, and not always to the same samples.
    """

    def seekable(self) -> bool:
        return False


def _require_plausible(file: soundfile.SoundFile) -> None:
    """Raise `UnusableTrackError` where the header is no recording's."""
    rate, channels = file.samplerate, file.channels
    if not MIN_RATE <= rate <= MAX_RATE:
        raise UnusableTrackError(f"no recording: {rate} Hz, not between {MIN_RATE} and {MAX_RATE}")
    if channels > MAX_CHANNELS:
        raise UnusableTrackError(f"no recording: {channels} channels of at most {MAX_CHANNELS}")
    if file.frames < UNKNOWN_FRAMES:
        _require_not_too_long(file.frames / rate)


def _require_not_too_long(seconds: float) -> None:
    """Raise `UnusableTrackError` where a file says, or turns out, to last too long."""
    if seconds > MAX_SECONDS:
        raise UnusableTrackError(f"too long: {seconds:.0f} s of at most {MAX_SECONDS} s")


def _mono_blocks(
    file: soundfile.SoundFile, inspect: Callable[[np.ndarray], None]
) -> Iterator[np.ndarray]:
    """Yield the file's samples `(n,)`, mixed to mono, block by block."""
    frames, decoded = BLOCK_SAMPLES // file.channels, 0
    while True:
        block = file.read(frames, dtype="float32", always_2d=True)
        require_numbers(block)  # resampling spreads them, clipping hides them
        inspect(block)
        decoded += len(block)
        _require_not_too_long(decoded / file.samplerate)
        with np.errstate(over="ignore"):
            yield block.mean(axis=1, dtype=np.float32)
        if len(block) < frames:
            break
    if decoded < file.frames < UNKNOWN_FRAMES:
        announced, present = file.frames / file.samplerate, decoded / file.samplerate
        raise UnusableTrackError(f"truncated: {present:.2f} s of {announced:.2f} s are there")


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
