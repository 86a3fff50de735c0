"""Segments: 3 s of a track as a mel spectrogram of 128 bands by 130 frames, scaled to [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES, SHAPE
from detune.audio.mel import mel_decibels


@dataclass(frozen=True)
class Segments:
    """The segments of one track.

    Attributes:
        values: `(n, 128, 130)` float32, each segment scaled to [0, 1].
        start_seconds: `(n,)` where each starts in the track, s.
        db_min: `(n,)` what 0 stands for, dB below the segment's loudest point.
        db_max: `(n,)` what 1 stands for, dB.
    """

    values: np.ndarray
    start_seconds: np.ndarray
    db_min: np.ndarray
    db_max: np.ndarray


def segment_starts(samples: int, count: int) -> np.ndarray:
    """First samples of at most `count` segments of a track of `samples` samples.

    Segments follow one another from the start. Where a track falls short of its last segment by
    less than half (GTZAN's tracks last 29.9 to 30.7 s), the segments move together a little
    instead of padding the last one with silence.

    Returns:
        `(n,)` integers, `1 <= n <= count`.

    Raises:
        ValueError: the track is shorter than one segment.
    """
    if samples < SEGMENT_SAMPLES:
        raise ValueError(f"{samples} samples are shorter than a segment of {SEGMENT_SAMPLES}")
    fitting = max(1, round(samples / SEGMENT_SAMPLES))
    if samples < fitting * SEGMENT_SAMPLES and fitting <= count:
        return np.linspace(0, samples - SEGMENT_SAMPLES, fitting).astype(np.int64)
    return np.arange(min(count, samples // SEGMENT_SAMPLES), dtype=np.int64) * SEGMENT_SAMPLES


def cut_segments(audio: np.ndarray, count: int) -> Segments:
    """Cut `audio` `(n,)` at 22,050 Hz into at most `count` scaled segments.

    A segment without any dynamics (digital silence) becomes all zero, with `db_min == db_max`.
    """
    starts = segment_starts(audio.size, count)
    values = np.empty((len(starts), *SHAPE), dtype=np.float32)
    low, high = np.empty((2, len(starts)), dtype=np.float32)
    for number, at in enumerate(starts):
        decibels = mel_decibels(audio[at : at + SEGMENT_SAMPLES])
        low[number], high[number] = decibels.min(), decibels.max()
        np.subtract(decibels, low[number], out=values[number])
        values[number] /= max(high[number] - low[number], np.finfo(np.float32).tiny)
    return Segments(values, starts / SAMPLE_RATE, low, high)
