"""Preprocessing: from the tracks' audio to the segments on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from detune.audio.constants import SEGMENT_SAMPLES, SHAPE
from detune.audio.segments import Segments, cut_segments, segment_starts
from detune.collection.dataset import INDEX_COLUMNS, IndexRow
from detune.collection.split_table import SPLITS, SplitRow
from detune.collection.tracks import track_path
from detune.support.errors import UserError
from detune.support.files import replacing, write_csv
from detune.support.pool import parallel_map


@dataclass(frozen=True)
class Job:
    """A track to be cut: the samples that its segments take, and the rows that they fill."""

    audio: Path
    samples: int
    split: str
    row: int
    segments: int


@dataclass(frozen=True)
class ArrayFile:
    """An array of segments on disk: the file, and the byte in which its first row begins."""

    path: Path
    begin: int


def write_dataset(
    rows: Sequence[SplitRow],
    audio: Path,
    count: int,
    folder: Path,
) -> list[IndexRow]:
    """Cut every track into segments and write `<split>.npy` and `index.csv` to `folder`.

    Each process writes its segments into the arrays on disk, so that none is sent between processes
    and memory does not grow with the collection.

    Args:
        rows: the split of each track.
        audio: the folder of the tracks' audio.
        count: segments a track, at most.
        folder: where to write.

    Raises:
        UserError: a track can't be read.
        OSError: `folder` can't be written.
    """
    jobs, sizes = _plan(rows, audio, count)
    labels = {genre: label for label, genre in enumerate(sorted({row.genre for row in rows}))}
    index: list[IndexRow] = []
    with ExitStack() as stack:
        arrays = {
            split: stack.enter_context(_array(folder / f"{split}.npy", sizes[split]))
            for split in SPLITS
        }
        cut = parallel_map(partial(_cut, count, arrays), jobs, label="preprocess", unit="tracks")
        for row, job, segments in zip(rows, jobs, cut, strict=True):
            index += _index_rows(row, job, labels[row.genre], segments)
    index.sort(key=lambda entry: (SPLITS.index(entry.split), entry.row))
    write_csv(folder / "index.csv", INDEX_COLUMNS, map(vars, index))
    return index


def _plan(rows: Sequence[SplitRow], audio: Path, count: int) -> tuple[list[Job], Counter[str]]:
    """A job for each track, one after the other in its split's array, and the arrays' rows."""
    filled: Counter[str] = Counter()
    jobs = []
    for row in rows:
        path, split = track_path(audio, row.genre, row.track), row.split
        with _readable(path):
            starts = segment_starts(soundfile.info(path).frames, count)
        samples = int(starts[-1]) + SEGMENT_SAMPLES
        jobs.append(Job(path, samples, split, filled[split], len(starts)))
        filled[split] += len(starts)
    return jobs, filled


@contextmanager
def _array(path: Path, rows: int) -> Iterator[ArrayFile]:
    """Lay out an array of `rows` segments, which takes its place when the block succeeds."""
    with replacing(path) as temporary:
        array = np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
            temporary, mode="w+", dtype=np.float32, shape=(rows, *SHAPE)
        )
        yield ArrayFile(temporary, array.offset)


def _cut(count: int, arrays: Mapping[str, ArrayFile], job: Job) -> Segments:
    """Cut one track, and return its segments without their values, which are on disk then."""
    with _readable(job.audio):
        audio, _ = soundfile.read(job.audio, frames=job.samples, dtype="float32")
    segments = cut_segments(audio, count)
    array = arrays[job.split]
    # Not through a memory map: on a full disk that raises a signal instead of an error.
    with array.path.open("r+b") as stream:
        stream.seek(array.begin + job.row * segments.values[0].nbytes)
        stream.write(segments.values.data)
    return replace(segments, values=segments.values[:0])


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Report in one line that a track, which was readable when it was stored, can't be read."""
    try:
        yield
    except soundfile.LibsndfileError as error:
        raise UserError(f"{path}: unreadable: store it again with `dvc repro -f ingest`") from error


def _index_rows(row: SplitRow, job: Job, label: int, segments: Segments) -> Iterator[IndexRow]:
    """Index rows of one track's segments."""
    for number in range(job.segments):
        yield IndexRow(
            split=job.split,
            row=job.row + number,
            track=row.track,
            genre=row.genre,
            label=label,
            segment=number,
            start_seconds=float(segments.start_seconds[number]),
            db_min=float(segments.db_min[number]),
            db_max=float(segments.db_max[number]),
        )
