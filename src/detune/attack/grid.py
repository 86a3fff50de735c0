"""The grid of attacks: which cells there are, what they are called in files, what these tell."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from detune.params.method_options import METHODS
from detune.support.files import read_npz


def cell_name(method: str, epsilon: float | str) -> str:
    """The cell's name in files, as DVC writes it: method, hyphen, epsilon as in `params.yaml`."""
    return f"{method}-{epsilon}"


def cells(methods: Iterable[str], epsilons: Iterable[float]) -> list[tuple[str, float]]:
    """Method and epsilon of every cell, in order of epsilon, then as `METHODS`."""
    ordered = sorted(methods, key=METHODS.index)
    return [(method, epsilon) for epsilon in sorted(epsilons) for method in ordered]


def cell_files(
    methods: Iterable[str], epsilons: Iterable[float], folder: Path
) -> dict[tuple[str, float], Path]:
    """The file of each cell in `folder`, by method and epsilon, in order of `cells`."""
    return {cell: folder / f"{cell_name(*cell)}.npz" for cell in cells(methods, epsilons)}


def read_predictions(path: Path) -> dict[str, np.ndarray]:
    """All of a cell's file but the segments themselves, which grow with the collection."""
    return read_npz(path, without=("examples", "first_wrong"))
