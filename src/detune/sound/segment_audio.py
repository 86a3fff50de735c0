"""The audio of segments: the samples that each was made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from detune.audio.constants import SEGMENT_SAMPLES
from detune.audio.segments import cut_segments, segment_starts
from detune.collection.dataset import Split
from detune.collection.tracks import track_path
from detune.support.errors import UserError

TOLERANCE = 1e-4
"""By how much a segment of the audio may differ from the one on disk, for rounding."""


def read_segment_audio(split: Split, rows: Sequence[int] | np.ndarray, folder: Path) -> np.ndarray:
    """Samples `(n, 66150)` float32 between -1 and 1 of the segments in `rows`.

    Args:
        split: the segments.
        rows: `(n,)` which of them.
        folder: of the tracks' audio.

    Raises:
        UserError: a track can't be read, or is not the one that its segments were made of.
    """
    samples = np.empty((len(rows), SEGMENT_SAMPLES), dtype=np.float32)
    counts = Counter(split.tracks)
    for place, number in enumerate(rows):
        row = split.index[number]
        path = track_path(folder, row.genre, row.track)
        audio = _read(path, row.segment, counts[row.track])
        if audio is None or not _is_of(audio, split.values[number]):
            raise UserError(
                f"{path}: not what its segments were made of: run `dvc repro preprocess` to make "
                "them again"
            )
        samples[place] = audio
    return samples


def read_heard(split: Split, rows: np.ndarray, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Those of `rows` that are not silent, and their samples, as `read_segment_audio` reads them.

    Of silence there is no signal-to-noise ratio.
    """
    samples = read_segment_audio(split, rows, folder)
    heard = np.flatnonzero(samples.any(axis=1))
    return rows[heard], samples[heard]


def _read(path: Path, segment: int, count: int) -> np.ndarray | None:
    """The samples of one segment of a track that has `count`; None where it is too short for that.

    Where it starts is computed again: the seconds in the index are rounded.
    """
    try:
        frames = soundfile.info(path).frames
        if frames < count * SEGMENT_SAMPLES - SEGMENT_SAMPLES // 2:
            return None
        start = int(segment_starts(frames, count)[segment])
        audio, _ = soundfile.read(path, SEGMENT_SAMPLES, start, dtype="float32")
    except soundfile.LibsndfileError as error:
        raise UserError(f"{path}: unreadable: store it again with `dvc repro -f ingest`") from error
    return np.asarray(audio)


def _is_of(audio: np.ndarray, segment: np.ndarray) -> bool:
    """Whether `segment` `(128, 130)` was made of `audio`."""
    return bool(np.abs(cut_segments(audio, 1).values[0] - segment).max() <= TOLERANCE)
