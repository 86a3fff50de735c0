"""Segments chosen to be looked at, with their heatmaps: right, wrong, and under each attack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.collection.dataset import Split
from detune.gradcam.attention import Attention
from detune.gradcam.comparison import CleanHeatmaps
from detune.gradcam.sampling import choose_correct, choose_failures
from detune.params.method_options import PICTURED
from detune.params.sections import Gradcam

CellHeatmaps = Mapping[tuple[str, float], np.ndarray]
"""Heatmaps `(k, height, width)` of the examples, by method and epsilon."""

CLEAN = "clean"
CLEAN_KINDS = ("correct", "failure")


@dataclass(frozen=True)
class ExampleSet:
    """n segments of one kind with their heatmaps.

    Attributes:
        kind: `correct`, `failure`, `clean` or the method that attacked them.
        rows: `(n,)` rows of the test split.
        segments: `(n, 128, 130)`; where they were attacked, at full strength.
        attention: heatmaps and logits.
        targets: `(n,)` the target class of each heatmap.
    """

    kind: str
    rows: np.ndarray
    segments: np.ndarray
    attention: Attention
    targets: np.ndarray

    @property
    def predictions(self) -> np.ndarray:
        """Predicted labels `(n,)`."""
        return np.asarray(self.attention.logits.argmax(axis=1))

    def first(self, count: int) -> ExampleSet:
        """The first `count` of them."""
        attention = Attention(self.attention.heatmaps[:count], self.attention.logits[:count])
        return ExampleSet(
            self.kind, self.rows[:count], self.segments[:count], attention, self.targets[:count]
        )


@dataclass(frozen=True, eq=False)
class GenreHeat:
    """Mean heatmaps of one genre's segments.

    Attributes:
        genre: its name.
        segments: how many segments the means are of.
        means: `(height, width)` by state, `clean` or a method; empty where there is no segment.
    """

    genre: str
    segments: int
    means: Mapping[str, np.ndarray]


def select_attacked(
    clean: CleanHeatmaps,
    attacked: CellHeatmaps,
    test: Split,
    cells: Mapping[str, Mapping[str, np.ndarray]],
    epsilon: float,
) -> list[ExampleSet]:
    """All examples of the cells, before and after the attacks.

    Args:
        clean: heatmaps of the test segments as they are.
        attacked: heatmaps of the examples in each cell.
        test: the test split.
        cells: arrays of each method's cell at `epsilon`, by method.
        epsilon: the one to show.

    Returns:
        `clean`, then each method.
    """
    first = next(iter(cells.values()))
    sets = [_as_they_are(CLEAN, first["example_rows"], clean, test, _logits(first, test))]
    for method, arrays in cells.items():
        rows, logits = arrays["example_rows"], arrays["example_logits"]
        targets = clean.targets_after(rows, logits.argmax(axis=1))
        attention = Attention(attacked[method, epsilon], logits)
        sets.append(ExampleSet(method, rows, arrays["examples"], attention, targets))
    return sets


def select_clean(
    clean: CleanHeatmaps, cell: Mapping[str, np.ndarray], test: Split, params: Gradcam
) -> list[ExampleSet]:
    """The surest of the segments that are right, by genre, and the most wrong ones.

    Args:
        clean: heatmaps of the test segments as they are.
        cell: the arrays of any cell on all segments.
        test: the test split.
        params: how many of each kind.
    """
    logits = _logits(cell, test)
    chosen = {
        "correct": choose_correct(logits, test.labels, params.correct_per_genre),
        "failure": choose_failures(logits, test.labels, params.failures),
    }
    return [_as_they_are(kind, rows, clean, test, logits) for kind, rows in chosen.items()]


def genre_heat(sets: Sequence[ExampleSet], test: Split) -> list[GenreHeat]:
    """Mean heatmaps of the examples of each genre that were right, clean and under each method.

    Args:
        sets: `clean` and the methods, as `select_attacked` returns them.
        test: the test split.
    """
    (clean,) = (item for item in sets if item.kind == CLEAN)
    labels = test.labels[clean.rows]
    heats = []
    for label, genre in enumerate(test.genres):
        right = (labels == label) & (clean.predictions == label)
        means = {
            item.kind: item.attention.heatmaps[right].mean(axis=0) for item in sets if right.any()
        }
        heats.append(GenreHeat(genre, int(right.sum()), means))
    return heats


def attention_arrays(sets: Sequence[ExampleSet], heatmaps: CellHeatmaps) -> dict[str, np.ndarray]:
    """The arrays of `data/gradcam.npz`.

    Args:
        sets: one entry for each of their heatmaps; the last one is attacked.
        heatmaps: of the examples in each cell. Its segments are followed over the grid.
    """
    return {
        "row": np.concatenate([item.rows for item in sets]),
        "kind": np.concatenate([np.full(len(item.rows), item.kind) for item in sets]),
        "target": np.concatenate([item.targets for item in sets]),
        "heatmap": np.concatenate([item.attention.heatmaps for item in sets]),
    } | _grid_arrays(heatmaps, sets[-1].rows)


def attention_counts(sets: Sequence[ExampleSet], test: Split) -> dict[str, Any]:
    """How many segments of each kind there are to show, and how many of them were fooled.

    Returns:
        Segments that were `correct` and `failure`; for each method, `segments` and those that it
        `fooled`.
    """
    by_kind = {item.kind: item for item in sets}
    clean = by_kind.pop(CLEAN)
    labels = test.labels[clean.rows]
    counts: dict[str, Any] = {kind: len(by_kind.pop(kind).rows) for kind in CLEAN_KINDS}
    for method, item in by_kind.items():
        fooled = (clean.predictions == labels) & (item.predictions != labels)
        counts[method] = {"segments": len(item.rows), "fooled": int(fooled.sum())}
    return counts


def contents(sets: Sequence[ExampleSet], test: Split, epsilon: float) -> Iterator[Any]:
    """Everything that pictures of `sets` show, in a fixed order, to tell whether it is the same."""
    yield f"{epsilon} {test.genres} {test.index}"
    for item in sets:
        yield item.kind
        yield from (item.rows, item.segments, item.targets)
        yield from (item.attention.heatmaps, item.attention.logits)


def _logits(cell: Mapping[str, np.ndarray], test: Split) -> np.ndarray:
    """Logits `(n, genres)` of all test segments, from a cell that attacked all of them."""
    logits = np.zeros((len(test.labels), cell["clean_logits"].shape[1]), np.float32)
    logits[cell["row"]] = cell["clean_logits"]
    return logits


def _grid_arrays(heatmaps: CellHeatmaps, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Heatmaps of `rows`, the first examples, under the methods that attack the same everywhere."""
    cells = [cell for cell in heatmaps if cell[0] in PICTURED]
    return {
        "grid_row": rows,
        "grid_method": np.asarray([method for method, _ in cells]),
        "grid_epsilon": np.asarray([epsilon for _, epsilon in cells]),
        "grid_heatmap": np.stack([heatmaps[cell][: len(rows)] for cell in cells]),
    }


def _as_they_are(
    kind: str, rows: np.ndarray, clean: CleanHeatmaps, test: Split, logits: np.ndarray
) -> ExampleSet:
    """Segments that nothing was done to."""
    attention = Attention(clean.own[rows], logits[rows])
    return ExampleSet(kind, rows, test.values[rows], attention, clean.targets[rows])
