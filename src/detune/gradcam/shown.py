"""What the network attends to in chosen segments: right, wrong, and under each attack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from detune.collection.dataset import IndexRow, Split
from detune.figures.attention import Panel, draw_attention, draw_attention_pair, draw_overview
from detune.figures.genre_attention import CLEAN, GenreHeat
from detune.figures.style import genre_styles
from detune.gradcam.attention import Attention
from detune.gradcam.gradcam import choose_correct, choose_failures
from detune.gradcam.shift import CleanHeatmaps
from detune.params import Gradcam
from detune.scores import softmax
from detune.support.pool import parallel_map

CLEAN_KINDS = ("correct", "failure")


@dataclass(frozen=True)
class Explained:
    """n segments of one kind with their heatmaps.

    Attributes:
        kind: `correct`, `failure`, `clean` or the method that attacked them.
        rows: `(n,)` rows of the test split.
        segments: `(n, 128, 130)`, adversarial where they were attacked.
        attention: heatmaps and logits.
        targets: `(n,)` the genre that each heatmap is about.
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


@dataclass(frozen=True)
class Attacked:
    """A segment before it was attacked, what was added `(128, 130)`, and the dB of its range."""

    before: Panel
    change: np.ndarray
    db_range: float


@dataclass(frozen=True)
class Picture:
    """What is drawn of one segment, and where to."""

    path: Path
    panel: Panel
    attacked: Attacked | None = None


def choose_all(
    clean: CleanHeatmaps,
    attacked: Mapping[str, np.ndarray],
    test: Split,
    cells: Mapping[str, Mapping[str, np.ndarray]],
    params: Gradcam,
) -> list[Explained]:
    """Choose segments of every kind, with their heatmaps.

    Args:
        clean: heatmaps of the test segments as they are.
        attacked: heatmaps of all test segments under each method, by method.
        test: the test split.
        cells: arrays of each method's cell at the epsilon to show, by method.
        params: how many of each kind.

    Returns:
        `correct`, `failure`, `clean` (the attacked segments as they were), then each method.
    """
    first = next(iter(cells.values()))
    logits, examples = first["clean_logits"], first["example_rows"][: params.attacked]
    chosen = {
        "correct": choose_correct(logits, test.labels, params.correct_per_genre),
        "failure": choose_failures(logits, test.labels, params.failures),
        "clean": examples,
    }
    explained = [
        Explained(
            kind,
            rows,
            test.values[rows],
            Attention(clean.own[rows], logits[rows]),
            clean.about[rows],
        )
        for kind, rows in chosen.items()
    ]
    for method, arrays in cells.items():
        found = Attention(attacked[method][examples], arrays["adversarial_logits"][examples])
        targets = clean.aim(examples, found.logits.argmax(axis=1))
        adversarial = arrays["examples"][: params.attacked]
        explained.append(Explained(method, examples, adversarial, found, targets))
    return explained


def draw_all(explained: Sequence[Explained], test: Split, folder: Path, epsilon: float) -> None:
    """Draw every segment to `<folder>/<kind>/*.png` and an overview to `<folder>/<kind>.png`.

    Attacked segments are drawn beside their clean selves.

    Args:
        explained: all kinds, as `choose_all` returns them.
        test: the test split.
        folder: where the pictures go.
        epsilon: what the attacked ones were attacked with.
    """
    by_kind = {item.kind: item for item in explained}
    clean = by_kind.pop("clean")
    pictures = [
        _picture(item, clean, place, test, folder)
        for item in by_kind.values()
        for place in range(len(item.rows))
    ]
    # Processes draw them: one would take half of the stage's time for it.
    drawn = parallel_map(partial(_draw, epsilon), pictures, label="pictures", unit="pictures")
    for _ in drawn:
        pass
    for item in explained:
        panels = [
            _panel(item, place, test.index[row], test.genres) for place, row in enumerate(item.rows)
        ]
        if panels:
            draw_overview(panels, folder / f"{item.kind}.png")


def genre_heat(
    clean: CleanHeatmaps, attacked: Mapping[str, np.ndarray], test: Split
) -> list[GenreHeat]:
    """Mean heatmaps of the segments of each genre that were right, clean and under each method."""
    found = []
    for label, genre in enumerate(test.genres):
        right = (test.labels == label) & (clean.predictions == label)
        states = {CLEAN: clean.own} | dict(attacked)
        means = {
            state: heatmaps[right].mean(axis=0) for state, heatmaps in states.items() if right.any()
        }
        found.append(GenreHeat(genre, int(right.sum()), means))
    return found


def attention_arrays(explained: Sequence[Explained]) -> dict[str, np.ndarray]:
    """The arrays of `data/gradcam.npz`: one entry a heatmap."""
    return {
        "row": np.concatenate([item.rows for item in explained]),
        "kind": np.concatenate([np.full(len(item.rows), item.kind) for item in explained]),
        "target": np.concatenate([item.targets for item in explained]),
        "heatmap": np.concatenate([item.attention.heatmaps for item in explained]),
    }


def attention_counts(explained: Sequence[Explained], test: Split) -> dict[str, Any]:
    """How many segments of each kind there were to show, and what became of them.

    Returns:
        Segments that were `correct` and `failure`; for each method, `segments` and those that it
        `fooled`.
    """
    by_kind = {item.kind: item for item in explained}
    clean = by_kind.pop("clean")
    labels = test.labels[clean.rows]
    counts: dict[str, Any] = {kind: len(by_kind.pop(kind).rows) for kind in CLEAN_KINDS}
    for method, item in by_kind.items():
        fooled = (clean.predictions == labels) & (item.predictions != labels)
        counts[method] = {"segments": len(item.rows), "fooled": int(fooled.sum())}
    return counts


def _picture(item: Explained, clean: Explained, place: int, test: Split, folder: Path) -> Picture:
    """What is drawn of one segment of `item`."""
    row = test.index[item.rows[place]]
    panel = _panel(item, place, row, test.genres)
    path = folder / item.kind / f"{_picture_name(item, place, test)}.png"
    if item.kind in CLEAN_KINDS:
        return Picture(path, panel)
    change = item.segments[place] - clean.segments[place]
    before = _panel(clean, place, row, test.genres)
    return Picture(path, panel, Attacked(before, change, row.db_max - row.db_min))


def _draw(epsilon: float, picture: Picture) -> None:
    """Draw one segment; where it was attacked, with `epsilon` and beside its clean self."""
    if picture.attacked is None:
        draw_attention(picture.panel, picture.path)
        return
    draw_attention_pair(
        picture.attacked.before,
        picture.panel,
        picture.attacked.change,
        picture.path,
        epsilon=epsilon,
        db_range=picture.attacked.db_range,
    )


def _panel(item: Explained, place: int, row: IndexRow, genres: Sequence[str]) -> Panel:
    """One segment of `item`, ready to draw."""
    probabilities = softmax(item.attention.logits[place : place + 1])[0]
    prediction, about = int(probabilities.argmax()), int(item.targets[place])
    styles = genre_styles(genres)
    return Panel(
        segment=item.segments[place],
        heatmap=item.attention.heatmaps[place],
        true_genre=row.genre,
        predicted_genre=genres[prediction],
        confidence=float(probabilities[prediction]),
        caption=f"{row.track}, {row.start_seconds:.1f} s"
        + ("" if about == prediction else f", heatmap of {genres[about]}"),
        colors=(styles[row.genre].color, styles[genres[prediction]].color),
    )


def _picture_name(item: Explained, place: int, test: Split) -> str:
    """A name that stays when the model changes: failures by number, others by genre and number."""
    if item.kind == "failure":
        return str(place + 1)
    genres = [test.index[row].genre for row in item.rows[: place + 1]]
    return f"{genres[-1]}-{Counter(genres)[genres[-1]]}"
