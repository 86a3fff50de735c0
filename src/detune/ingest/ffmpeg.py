"""FFmpeg, by PyAV: decodes what libsndfile does not read, or not in full, and counts packets.

The container is always named. FFmpeg never guesses what a file may be, and so never follows one
that names other files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import av
import numpy as np

from detune.audio.reading import (
    BLOCK_SAMPLES,
    Audio,
    Stream,
    UnusableTrackError,
    require_plausible,
)

av.logging.set_level(av.logging.PANIC)

MICROSECONDS = 1_000_000
"""Units a second of a file's duration."""

SCALES = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63, "flt": 1.0, "dbl": 1.0}
"""Full scale of a sample, by FFmpeg's name of its format."""


class Packets(NamedTuple):
    """Where the last packet of a file's audio ends, and where its header says, in s."""

    seconds: float
    promised: float


def count_packets(audio: Audio, container: str) -> Packets:
    """Walk over the packets of a file, without decoding them.

    Raises:
        UnusableTrackError: it has no audio, or several streams of it, or it can't be read.
    """
    with _opened(audio, container) as (file, stream):
        base = stream.time_base or Fraction(1, MICROSECONDS)
        ends = [0]
        with suppress(av.InvalidDataError):  # what comes after damage is missing
            for packet in file.demux(stream):
                if packet.size:
                    ends.append((packet.pts or 0) + (packet.duration or 0))
        whole = Fraction(file.duration or 0, MICROSECONDS)
        promised = stream.duration * base if stream.duration else whole
        return Packets(float(max(ends) * base), float(promised))


@contextmanager
def decoded(audio: Audio, container: str) -> Iterator[Stream]:
    """Decode with FFmpeg.

    Raises:
        UnusableTrackError: it can't decode the file, or this is no recording.
    """
    with _opened(audio, container) as (file, stream):
        frames = file.decode(stream)
        first = next(frames, None)
        if first is None:
            raise UnusableTrackError("empty")
        rate, channels = first.sample_rate, first.layout.nb_channels
        require_plausible(rate, channels)
        yield Stream(rate, _joined(_blocks(first, frames), channels))


@contextmanager
def _opened(audio: Audio, container: str) -> Iterator[tuple[Any, Any]]:
    """A file and its only stream of audio; FFmpeg's errors as reasons."""
    try:
        with _bytes(audio) as raw, av.open(raw, format=container) as file:
            streams = file.streams.audio
            if len(streams) != 1:
                raise UnusableTrackError(f"unreadable: {len(streams)} streams of audio, not one")
            if streams[0].codec_context is None:  # PyAV would crash at its first packet
                raise UnusableTrackError("unreadable: its audio is of an unknown kind")
            yield file, streams[0]
    except (av.FFmpegError, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise UnusableTrackError(f"unreadable: {reason}") from error


@contextmanager
def _bytes(audio: Audio) -> Iterator[BinaryIO]:
    """The file as bytes from its start on: FFmpeg itself opens no path."""
    if isinstance(audio, Path):
        with audio.open("rb") as file:
            yield file
    else:
        audio.seek(0)
        yield audio


def _blocks(first: Any, rest: Iterator[Any]) -> Iterator[np.ndarray]:
    """Yield the samples `(n, channels)` of frames, of as many channels as the first one has."""
    rate, channels = first.sample_rate, first.layout.nb_channels
    frame = first
    while frame is not None:
        if frame.sample_rate != rate:
            raise UnusableTrackError(f"damaged: {rate} Hz become {frame.sample_rate} Hz")
        block = _samples(frame)
        if block.shape[1] != channels:
            block = np.repeat(block.mean(axis=1, keepdims=True), channels, axis=1)
        yield block
        frame = next(rest, None)


def _samples(frame: Any) -> np.ndarray:
    """A frame's samples `(n, channels)`, float32."""
    name, channels = frame.format.name.removesuffix("p"), frame.layout.nb_channels
    raw = frame.to_ndarray()
    raw = raw.T if frame.format.is_planar else raw.reshape(-1, channels)
    offset = 128.0 if name == "u8" else 0.0
    return np.asarray((raw - offset) / SCALES[name], dtype=np.float32)


def _joined(blocks: Iterator[np.ndarray], channels: int) -> Iterator[np.ndarray]:
    """Join small blocks to large ones."""
    waiting, samples = [], 0
    for block in blocks:
        waiting.append(block)
        samples += len(block)
        if samples * channels >= BLOCK_SAMPLES:
            yield np.concatenate(waiting)
            waiting, samples = [], 0
    if waiting:
        yield np.concatenate(waiting)
