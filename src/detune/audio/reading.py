"""Read any audio file as mono at 22,050 Hz."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

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


class UnusableTrackError(Exception):
    """The audio can't be studied; the message is the reason."""


class Stream(NamedTuple):
    """What a decoder gives: its rate in Hz, and blocks `(n, channels)` of float32 samples."""

    rate: int
    blocks: Iterator[np.ndarray]


Audio = Path | BinaryIO
Decoder = Callable[[Audio], AbstractContextManager[Stream]]


@contextmanager
def libsndfile(audio: Audio) -> Iterator[Stream]:
    """Decode with libsndfile.

    Raises:
        UnusableTrackError: it can't decode the file, or this is no recording.
    """
    try:
        with _ForwardFile(audio) as file:
            require_plausible(file.samplerate, file.channels)
            yield Stream(file.samplerate, _blocks(file))
    except (soundfile.LibsndfileError, OSError, RuntimeError) as error:
        # Without the path that libsndfile puts in front: the reason is the same everywhere.
        reason = (str(error).splitlines() or [type(error).__name__])[0].rpartition(": ")[2]
        raise UnusableTrackError(f"unreadable: {reason}") from error


def _ignore(block: np.ndarray) -> None:
    """Inspect nothing."""


def read_audio(
    audio: Audio,
    inspect: Callable[[np.ndarray], None] = _ignore,
    decoder: Decoder = libsndfile,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Decode a file to mono at 22,050 Hz.

    Args:
        audio: the file.
        inspect: is called with each block `(n, channels)` of samples as they are in the file.
        decoder: what decodes it.
        weights: of the channels, `(channels,)`; None for their mean.

    Returns:
        Samples of shape `(n,)`, float32, within [-1, 1]: as many as the decoder gives, which may
        be fewer than there are in the file.

    Raises:
        UnusableTrackError: the file can't be decoded, holds samples that are not numbers, or is no
            recording by its length, rate or channels.
    """
    with decoder(audio) as stream:
        return _resampled(_mono_blocks(stream, inspect, weights), stream.rate)


class _ForwardFile(soundfile.SoundFile):  # type: ignore[misc]
    """A file read from start to end, without the seek that soundfile makes after each read.

    In a compressed file that seek decodes parts twice, and not always to the same samples.
    """

    def seekable(self) -> bool:
        return False


def _blocks(file: soundfile.SoundFile) -> Iterator[np.ndarray]:
    """Yield the file's samples `(n, channels)`, block by block."""
    frames = BLOCK_SAMPLES // file.channels
    while True:
        block = file.read(frames, dtype="float32", always_2d=True)
        yield block
        if len(block) < frames:
            break


def require_plausible(rate: int, channels: int) -> None:
    """Raise `UnusableTrackError` where rate or channels are no recording's."""
    if not MIN_RATE <= rate <= MAX_RATE:
        raise UnusableTrackError(f"no recording: {rate} Hz, not between {MIN_RATE} and {MAX_RATE}")
    if not 1 <= channels <= MAX_CHANNELS:
        raise UnusableTrackError(f"no recording: {channels} channels of at most {MAX_CHANNELS}")


def require_not_too_long(seconds: float) -> None:
    """Raise `UnusableTrackError` where a file lasts too long."""
    if seconds > MAX_SECONDS:
        raise UnusableTrackError(f"too long: {seconds:.0f} s of at most {MAX_SECONDS} s")


def _mono_blocks(
    stream: Stream, inspect: Callable[[np.ndarray], None], weights: np.ndarray | None
) -> Iterator[np.ndarray]:
    """Yield the samples `(n,)`, mixed to mono, block by block."""
    decoded = 0
    for block in stream.blocks:
        require_numbers(block)  # resampling spreads them, clipping hides them
        inspect(block)
        decoded += len(block)
        require_not_too_long(decoded / stream.rate)
        with np.errstate(over="ignore"):
            yield block.mean(axis=1, dtype=np.float32) if weights is None else block @ weights


def _resampled(blocks: Iterator[np.ndarray], rate: int) -> np.ndarray:
    """Join `blocks` of mono samples at 22,050 Hz, within [-1, 1]."""
    if rate != SAMPLE_RATE:
        stream = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
        parts = [stream.resample_chunk(block) for block in blocks]
        parts.append(stream.resample_chunk(np.empty(0, np.float32), last=True))
    else:
        parts = [np.empty(0, np.float32), *blocks]
    audio = np.concatenate(parts)
    require_numbers(audio)  # sums of samples near the largest float32 are none
    return np.asarray(np.clip(audio, -1.0, 1.0), dtype=np.float32)


def require_numbers(audio: np.ndarray) -> None:
    """Raise `UnusableTrackError` where a sample is infinite or not a number."""
    if not np.isfinite(audio).all():
        raise UnusableTrackError("samples that are not numbers")
