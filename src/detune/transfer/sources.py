"""What a revision brings to a comparison: its network, and the segments attacked for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from dvc.exceptions import DvcException
from dvc_data.index import DataIndexDirError

from detune.attack.grid import cell_name
from detune.collection.dataset import load_split, read_index
from detune.network.model_file import load_model
from detune.network.runtime import keras
from detune.review.revision import Revision
from detune.support.errors import UserError
from detune.support.files import read_npz

MODEL = ("data/model/cnn.keras", "data/model/labels.json")
SEGMENTS = ("data/segments/index.csv", "data/segments/test.npy")


@dataclass(frozen=True)
class Source:
    """A network and k segments that were attacked for it at full strength.

    Attributes:
        name: of the revision.
        model: from segments to logits.
        genres: in order of label.
        learned: tracks that the network was trained on, or that decided when training stopped.
        clean: `(k, 128, 130)` the segments before the attack.
        attacked: `(k, 128, 130)` after it.
        labels: `(k,)` true labels.
        tracks: the track of each.
    """

    name: str
    model: keras.Model
    genres: list[str]
    learned: frozenset[str]
    clean: np.ndarray
    attacked: np.ndarray
    labels: np.ndarray
    tracks: list[str]


def read_source(revision: Revision, method: str, epsilon: str, folder: Path) -> Source:
    """Read a revision's network and one of its cells.

    Args:
        revision: what to read.
        method: of the attack.
        epsilon: of the attack, as in `params.yaml`.
        folder: an empty one, for its files.

    Raises:
        UserError: the revision has no such cell, or not all files are in DVC's cache.
    """
    cell = f"data/attacks/{cell_name(method, epsilon)}.npz"
    for path in (*MODEL, *SEGMENTS, cell):
        _fetch(revision, path, folder / path)
    model, genres = load_model(folder / "data/model")
    segments = folder / "data/segments"
    test = load_split(segments, "test", genres)
    arrays = read_npz(folder / cell)
    rows = arrays["example_rows"]
    return Source(
        revision.name,
        model,
        genres,
        frozenset(row.track for row in read_index(segments) if row.split != "test"),
        test.values[rows],
        arrays["examples"],
        test.labels[rows],
        [test.tracks[row] for row in rows],
    )


def _fetch(revision: Revision, path: str, target: Path) -> None:
    """Copy a file of the revision, from Git or DVC's cache."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        revision.files.get_file(path, str(target))
    except (FileNotFoundError, DataIndexDirError) as error:
        raise UserError(
            f"{revision.name}: no {path}: attack that epsilon there, or bring what is in a remote "
            "with `dvc fetch --all-commits`"
        ) from error
    except DvcException as error:
        raise UserError(f"{revision.name}: DVC can't read {path}: {error}") from error
