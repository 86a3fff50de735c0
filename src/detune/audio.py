"""Audio: read any file as mono at 22,050 Hz, and doubt what was read."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import soundfile
import soxr

SAMPLE_RATE = 22_050
"""Samples a second of every stored track."""

SEGMENT_SECONDS = 3.0
"""Length of a segment; a track shorter than this is of no use."""

SILENCE_DBFS = -70.0
"""A track whose RMS level stays below this is silent."""


class UnusableTrackError(Exception):
    """The audio can't be studied; the message is the reason."""


def read_audio(path: Path) -> np.ndarray:
    """Decode a whole file to mono at 22,050 Hz.

    Returns:
        Samples of shape `(n,)`, float32, within [-1, 1].

    Raises:
        UnusableTrackError: the file can't be decoded, or holds samples that are not numbers.
    """
    try:
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError, RuntimeError) as error:
        # Without the path that libsndfile puts in front: the reason is the same everywhere.
        reason = str(error).splitlines()[0].rpartition(": ")[2]
        raise UnusableTrackError(f"unreadable: {reason}") from error
    _require_numbers(audio)  # resampling spreads them, clipping hides them
    mono = audio.mean(axis=1, dtype=np.float32)
    if rate != SAMPLE_RATE and mono.size:
        mono = soxr.resample(mono, rate, SAMPLE_RATE)
    return np.asarray(np.clip(mono, -1.0, 1.0), dtype=np.float32)


def require_usable(audio: np.ndarray) -> None:
    """Raise `UnusableTrackError` where `audio` `(n,)` is empty, broken, short or silent."""
    if audio.size == 0:
        raise UnusableTrackError("empty")
    _require_numbers(audio)
    seconds = audio.size / SAMPLE_RATE
    if seconds < SEGMENT_SECONDS:
        raise UnusableTrackError(f"too short: {seconds:.2f} s of at least {SEGMENT_SECONDS:g} s")
    if level_dbfs(audio) < SILENCE_DBFS:
        raise UnusableTrackError(f"silent: below {SILENCE_DBFS:g} dBFS")


def level_dbfs(audio: np.ndarray) -> float:
    """RMS level of `audio` of shape `(n,)` in dB relative to full scale; -inf for silence."""
    power = float(np.mean(np.square(audio, dtype=np.float64)))
    return 10 * math.log10(power) if power > 0 else -math.inf


def _require_numbers(audio: np.ndarray) -> None:
    """Raise `UnusableTrackError` where a sample is infinite or not a number."""
    if not np.isfinite(audio).all():
        raise UnusableTrackError("samples that are not numbers")
