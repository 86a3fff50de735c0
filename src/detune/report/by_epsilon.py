"""Segments as attacks change them, epsilon by epsilon, with the heatmaps of the same moments."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from detune.attack.grid import cell_name
from detune.collection.dataset import IndexRow, Split, load_split
from detune.report.media import QUALITY, data_uri
from detune.statistics.scores import softmax
from detune.support.files import read_npz

SEGMENTS = 4
"""How many are shown; the first ones, which are of different genres."""

Draw = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From a segment and its heatmap to a picture of both `(height, width, 3)` uint8."""

Cell = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Frame:
    """A segment at one epsilon, 0 before any attack.

    Attributes:
        epsilon: of the attack.
        said: what the network takes the segment for.
        uri: picture of the segment and, on its right, of the heatmap over it.
    """

    epsilon: float
    said: str
    uri: str


@dataclass(frozen=True)
class Strip:
    """One segment under one method, its frames in order of epsilon."""

    method: str
    name: str
    frames: list[Frame]


def read_strips(root: Path, draw: Draw) -> list[Strip]:
    """The first segments under each method; none where what it takes is absent or of two runs.

    Args:
        root: of the project: `data/gradcam.npz`, `data/attacks/` and the test segments are read.
        draw: what draws a segment with its heatmap.
    """
    heat = root / "data/gradcam.npz"
    segments = root / "data/segments"
    if not heat.is_file() or not (segments / "test.npy").is_file():
        return []
    arrays = read_npz(heat)
    if "grid_row" not in arrays:
        return []
    grid = list(zip(arrays["grid_method"].tolist(), arrays["grid_epsilon"].tolist(), strict=True))
    files = {cell: root / f"data/attacks/{cell_name(*cell)}.npz" for cell in grid}
    if not all(path.is_file() for path in files.values()):
        return []
    cells = {cell: read_npz(path, without=("first_wrong",)) for cell, path in files.items()}
    rows = arrays["grid_row"]
    if not all(np.array_equal(cell["example_rows"][: len(rows)], rows) for cell in cells.values()):
        return []
    return list(_strips(arrays, cells, load_split(segments, "test"), draw))


def _strips(
    arrays: Cell, cells: Mapping[tuple[str, float], Cell], test: Split, draw: Draw
) -> Iterator[Strip]:
    """Each method's segments."""
    clean = arrays["kind"] == "clean"
    before = dict(zip(arrays["row"][clean].tolist(), arrays["heatmap"][clean], strict=True))
    heatmaps = dict(zip(cells, arrays["grid_heatmap"], strict=True))
    for method in dict.fromkeys(method for method, _ in cells):
        own = {epsilon: cell for (name, epsilon), cell in cells.items() if name == method}
        for place, row in enumerate(arrays["grid_row"][:SEGMENTS].tolist()):
            first = next(iter(own.values()))
            logits = first["clean_logits"][first["row"] == row][0]
            picture = draw(test.values[row], before[row])
            frames = [_frame(0.0, picture, logits, test.genres)]
            frames += [
                _frame(
                    epsilon,
                    draw(cell["examples"][place], heatmaps[method, epsilon][place]),
                    cell["example_logits"][place],
                    test.genres,
                )
                for epsilon, cell in own.items()
            ]
            yield Strip(method, _name(test.index[row]), frames)


def _frame(epsilon: float, picture: np.ndarray, logits: np.ndarray, genres: list[str]) -> Frame:
    """What a picture `(height, width, 3)` shows, with the logits `(genres,)` it got."""
    probabilities = softmax(logits[None])[0]
    best = int(probabilities.argmax())
    return Frame(epsilon, f"{genres[best]}, {probabilities[best]:.0%}", _encoded(picture))


def _name(row: IndexRow) -> str:
    return f"{row.track}, {row.start_seconds:.1f} s ({row.genre})"


def _encoded(picture: np.ndarray) -> str:
    """The data URI of a picture `(height, width, 3)` uint8."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "WEBP", quality=QUALITY, method=4)
    return data_uri("image/webp", stream.getvalue())
