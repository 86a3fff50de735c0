"""The segments on disk: one array a split, and an index that says where each row comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detune.audio.constants import SHAPE
from detune.support.errors import UserError
from detune.support.files import read_csv


@dataclass(frozen=True)
class IndexRow:
    """Where a segment comes from, and the dB that its 0 and 1 stand for."""

    split: str
    row: int
    track: str
    genre: str
    label: int
    segment: int
    start_seconds: float
    db_min: float
    db_max: float


INDEX_COLUMNS = tuple(IndexRow.__annotations__)


@dataclass(frozen=True)
class Split:
    """The n segments of one split.

    Attributes:
        values: `(n, 128, 130)` float32 in [0, 1].
        index: where each comes from.
        genres: all genres in order of label, also those without a segment here.
    """

    values: np.ndarray
    index: list[IndexRow]
    genres: list[str]

    @property
    def labels(self) -> np.ndarray:
        """True labels `(n,)`."""
        return np.asarray([row.label for row in self.index])

    @property
    def tracks(self) -> list[str]:
        """The track of each segment."""
        return [row.track for row in self.index]

    @property
    def db_ranges(self) -> np.ndarray:
        """The dB that [0, 1] spans in each segment, `(n,)`."""
        return np.asarray([row.db_max - row.db_min for row in self.index])


def read_index(folder: Path) -> list[IndexRow]:
    """Return the rows of `index.csv` in `folder`.

    Raises:
        UserError: there is no index.
    """
    path = _existing(folder / "index.csv")
    kinds: dict[str, Any] = {"int": int, "float": float, "str": str}
    fields = IndexRow.__annotations__
    return [
        IndexRow(**{name: kinds[fields[name]](value) for name, value in row.items()})
        for row in read_csv(path)
    ]


def genre_names(index: Sequence[IndexRow]) -> list[str]:
    """The genres of all splits, in order of label."""
    return [genre for _, genre in sorted({(row.label, row.genre) for row in index})]


def load_split(folder: Path, split: str, genres: Sequence[str] | None = None) -> Split:
    """Load one split of the segments in `folder`.

    Args:
        folder: where `<split>.npy` and `index.csv` are.
        split: one of `SPLITS`.
        genres: the genres that the segments must have, in order, where a model expects some.

    Raises:
        UserError: no segments, an index of another length, or other genres.
    """
    index = read_index(folder)
    own = genre_names(index)
    if genres is not None and list(genres) != own:
        raise UserError(
            f"{folder}: genres {', '.join(own)}, but the model knows {', '.join(genres)}: "
            "run `dvc repro` to train on these segments"
        )
    rows = [row for row in index if row.split == split]
    values = np.load(_existing(folder / f"{split}.npy"), allow_pickle=False)
    if values.shape != (len(rows), *SHAPE):
        raise UserError(
            f"{folder / split}.npy: shape {values.shape}, expected {(len(rows), *SHAPE)}: "
            "run `dvc repro preprocess` to make it again"
        )
    return Split(values, rows, own)


def _existing(path: Path) -> Path:
    """`path`, if preprocessing has made it."""
    if not path.is_file():
        raise UserError(f"{path}: no segments there: run `dvc repro preprocess` to make them")
    return path
