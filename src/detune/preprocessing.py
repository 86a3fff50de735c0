"""Preprocessing: from the tracks' audio to the segments on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from detune.audio import read_audio
from detune.dataset import IndexRow
from detune.files import replacing, write_csv
from detune.mel import cut_segments
from detune.parallel import parallel_map
from detune.segments import INDEX_COLUMNS, SHAPE, Segments, segment_starts
from detune.splits import SPLITS
from detune.tracks import track_path


def write_dataset(
    rows: Sequence[Mapping[str, str]],
    splits: Sequence[str],
    audio: Path,
    count: int,
    folder: Path,
) -> list[IndexRow]:
    """Cut every track into segments and write `<split>.npy` and `index.csv` to `folder`.

    Segments go straight into the arrays on disk, so memory does not grow with the collection.

    Args:
        rows: rows of `tracks.csv`.
        splits: the split of each.
        audio: the folder of the tracks' audio.
        count: segments a track, at most.
        folder: where to write.
    """
    paths = [track_path(audio, row["genre"], row["track"]) for row in rows]
    sizes: Counter[str] = Counter(dict.fromkeys(SPLITS, 0))
    for path, split in zip(paths, splits, strict=True):
        sizes[split] += len(segment_starts(soundfile.info(path).frames, count))
    cut = parallel_map(partial(_cut, count), paths, label="preprocess", unit="tracks")
    labels = {genre: label for label, genre in enumerate(sorted({row["genre"] for row in rows}))}
    index: list[IndexRow] = []
    with ExitStack() as stack:
        arrays = {
            split: np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
                stack.enter_context(replacing(folder / f"{split}.npy")),
                mode="w+",
                dtype=np.float32,
                shape=(sizes[split], *SHAPE),
            )
            for split in SPLITS
        }
        filled: Counter[str] = Counter()
        for row, split, segments in zip(rows, splits, cut, strict=True):
            at = filled[split]
            arrays[split][at : at + len(segments.values)] = segments.values
            index += _index_rows(row, split, at, labels[row["genre"]], segments)
            filled[split] += len(segments.values)
        for array in arrays.values():
            array.flush()
    index.sort(key=lambda entry: (SPLITS.index(entry.split), entry.row))
    write_csv(folder / "index.csv", INDEX_COLUMNS, map(asdict, index))
    return index


def _cut(count: int, path: Path) -> Segments:
    return cut_segments(read_audio(path), count)


def _index_rows(
    row: Mapping[str, str], split: str, at: int, label: int, segments: Segments
) -> Iterator[IndexRow]:
    """Index rows of one track's segments, which begin at row `at` of the split's array."""
    for number, start in enumerate(segments.start_seconds):
        yield IndexRow(
            split=split,
            row=at + number,
            track=row["track"],
            genre=row["genre"],
            label=label,
            segment=number,
            start_seconds=float(start),
            db_min=float(segments.db_min[number]),
            db_max=float(segments.db_max[number]),
        )
