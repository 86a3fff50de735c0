"""The audio of segments: the samples that each was made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES
from detune.audio.segments import cut_segments
from detune.collection.dataset import IndexRow, Split
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
    for place, number in enumerate(rows):
        row = split.index[number]
        samples[place] = _read(row, folder)
        again = cut_segments(samples[place], 1).values[0]
        if np.abs(again - split.values[number]).max() > TOLERANCE:
            raise UserError(
                f"{track_path(folder, row.genre, row.track)}: not what its segments were made of: "
                "run `dvc repro preprocess` to make them again"
            )
    return samples


def _read(row: IndexRow, folder: Path) -> np.ndarray:
    """The samples of one segment."""
    path = track_path(folder, row.genre, row.track)
    start = round(row.start_seconds * SAMPLE_RATE)
    try:
        audio, _ = soundfile.read(path, SEGMENT_SAMPLES, start, dtype="float32", fill_value=0)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise UserError(f"{path}: unreadable: store it again with `dvc repro -f ingest`") from error
    return np.asarray(audio)
