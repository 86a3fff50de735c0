"""The audio of segments: the samples that each was made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Excerpt:
    """A segment with the music around it.

    Attributes:
        samples: `(n,)` float32 between -1 and 1.
        begin: the sample at which the segment begins.
    """

    samples: np.ndarray
    begin: int

    def segment(self, samples: np.ndarray) -> np.ndarray:
        """The segment's own part `(66150,)` of `samples` `(n,)`."""
        return samples[self.begin : self.begin + SEGMENT_SAMPLES]

    def near(self, samples: int) -> Excerpt:
        """The same with at most so many `samples` before and after the segment."""
        first = max(0, self.begin - samples)
        end = self.begin + SEGMENT_SAMPLES + samples
        return Excerpt(self.samples[first:end], self.begin - first)


def read_segment_audio(split: Split, rows: Sequence[int] | np.ndarray, folder: Path) -> np.ndarray:
    """Samples `(n, 66150)` float32 between -1 and 1 of the segments in `rows`.

    Args:
        split: the segments.
        rows: `(n,)` which of them.
        folder: of the tracks' audio.

    Raises:
        UserError: a track can't be read, or is not the one that its segments were made of.
    """
    excerpts = read_excerpts(split, rows, folder)
    return np.asarray([one.segment(one.samples) for one in excerpts], np.float32).reshape(
        -1, SEGMENT_SAMPLES
    )


def read_excerpts(
    split: Split, rows: Sequence[int] | np.ndarray, folder: Path, *, before: int = 0, after: int = 0
) -> list[Excerpt]:
    """Segments with what their tracks have around them, one for each of `rows`.

    Args:
        split: the segments.
        rows: `(n,)` which of them.
        folder: of the tracks' audio.
        before: samples before the segment, at most.
        after: samples after it, at most.

    Raises:
        UserError: a track can't be read, or is not the one that its segments were made of.
    """
    counts = Counter(split.tracks)
    excerpts = []
    for number in rows:
        row = split.index[number]
        path = track_path(folder, row.genre, row.track)
        excerpt = _read(path, row.segment, counts[row.track], before, after)
        if excerpt is None or not _is_of(excerpt.segment(excerpt.samples), split.values[number]):
            raise UserError(
                f"{path}: not what its segments were made of: run `dvc repro preprocess` to make "
                "them again"
            )
        excerpts.append(excerpt)
    return excerpts


def read_heard(split: Split, rows: np.ndarray, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Those of `rows` that are not silent, and their samples, as `read_segment_audio` reads them.

    Of silence there is no signal-to-noise ratio.
    """
    samples = read_segment_audio(split, rows, folder)
    heard = np.flatnonzero(samples.any(axis=1))
    return rows[heard], samples[heard]


def _read(path: Path, segment: int, count: int, before: int, after: int) -> Excerpt | None:
    """One segment of a track that has `count`, and around it; None where it is too short for that.

    Where it starts is computed again: the seconds in the index are rounded.
    """
    try:
        frames = soundfile.info(path).frames
        if frames < count * SEGMENT_SAMPLES - SEGMENT_SAMPLES // 2:
            return None
        start = int(segment_starts(frames, count)[segment])
        first, end = max(0, start - before), start + SEGMENT_SAMPLES + after
        audio, _ = soundfile.read(path, start=first, stop=min(end, frames), dtype="float32")
    except soundfile.LibsndfileError as error:
        raise UserError(f"{path}: unreadable: store it again with `dvc repro -f ingest`") from error
    return Excerpt(np.asarray(audio), start - first)


def _is_of(audio: np.ndarray, segment: np.ndarray) -> bool:
    """Whether `segment` `(128, 130)` was made of `audio`."""
    return bool(np.abs(cut_segments(audio, 1).values[0] - segment).max() <= TOLERANCE)
