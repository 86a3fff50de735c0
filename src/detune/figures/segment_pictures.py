"""Pictures of chosen segments and their heatmaps: right, wrong, and before and after attacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import matplotlib
import numpy as np

from detune.collection.dataset import IndexRow, Split
from detune.figures.attention import Panel, draw_attention, draw_attention_pair, draw_overview
from detune.figures.genre_attention import draw_genres
from detune.figures.style import genre_styles
from detune.gradcam.examples import CLEAN, CLEAN_KINDS, ExampleSet, GenreHeat
from detune.gradcam.picture_names import picture_names
from detune.statistics.scores import softmax
from detune.support.pool import parallel_map

DRAWN_BY = ("detune.figures.segment_pictures",)
"""The module that decides, with all that it imports, what pictures become."""

DRAWN_WITH = f"Matplotlib {matplotlib.__version__}"


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


def draw_pictures(
    sets: Sequence[ExampleSet],
    heat: Sequence[GenreHeat],
    test: Split,
    folder: Path,
    epsilon: float,
) -> None:
    """Draw every segment, and the mean heatmaps of the genres to `<folder>/genres.png`.

    Args:
        sets: of all kinds, `clean` among them.
        heat: mean heatmaps, in order of label.
        test: the test split.
        folder: where the pictures go.
        epsilon: what the attacked ones were attacked with.
    """
    draw_genres(heat, folder / "genres.png", epsilon=epsilon)
    draw_examples(sets, test, folder, epsilon)


def draw_examples(sets: Sequence[ExampleSet], test: Split, folder: Path, epsilon: float) -> None:
    """Draw every segment to `<folder>/<kind>/*.png` and an overview to `<folder>/<kind>.png`.

    Attacked segments are drawn beside their clean selves.

    Args:
        sets: of all kinds, `clean` among them.
        test: the test split.
        folder: where the pictures go.
        epsilon: what the attacked ones were attacked with.
    """
    by_kind = {item.kind: item for item in sets}
    clean = by_kind.pop(CLEAN)
    pictures = [
        _picture(item, clean, place, test, folder)
        for item in by_kind.values()
        for place in range(len(item.rows))
    ]
    # Processes draw them: one would take half of the stage's time for it.
    drawn = parallel_map(partial(_draw, epsilon), pictures, label="pictures", unit="pictures")
    for _ in drawn:
        pass
    for item in sets:
        panels = [
            _panel(item, place, test.index[row], test.genres) for place, row in enumerate(item.rows)
        ]
        if panels:
            draw_overview(panels, folder / f"{item.kind}.png")


def _picture(item: ExampleSet, clean: ExampleSet, place: int, test: Split, folder: Path) -> Picture:
    """What is drawn of one segment of `item`."""
    row = test.index[item.rows[place]]
    panel = _panel(item, place, row, test.genres)
    names = picture_names(item.kind, [test.index[each].genre for each in item.rows])
    path = folder / item.kind / f"{[*names][place]}.png"
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


def _panel(item: ExampleSet, place: int, row: IndexRow, genres: Sequence[str]) -> Panel:
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
