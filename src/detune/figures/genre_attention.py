"""Where on the frequency axis each genre lives: mean heatmaps, clean against attacked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from detune.audio.constants import SHAPE
from detune.figures.style import (
    FAINT,
    HEAT,
    INK,
    add_bar,
    draw_spectrogram,
    genre_styles,
    sheet,
)
from detune.gradcam.examples import CLEAN, GenreHeat
from detune.gradcam.upsampling import upsample

STYLES = ("--", ":", "-.")
NONE_RIGHT = "no segment\nwas right"


def draw_genres(genres: Sequence[GenreHeat], path: Path, *, epsilon: float) -> None:
    """Draw a column a genre: its mean heatmap in each state, and all of them over frequency.

    Args:
        genres: in order of label.
        path: the PNG file.
        epsilon: what the attacked ones were attacked with.

    Raises:
        ValueError: there are no genres.
        OSError: the file cannot be written.
    """
    if not genres:
        raise ValueError("0 genres make no picture")
    means = [mean for item in genres for mean in item.means.values()]
    states = list(dict.fromkeys(state for item in genres for state in item.means)) or [CLEAN]
    peak = max((float(mean.max()) for mean in means), default=1.0)
    reach = max((float(mean.mean(axis=1).max()) for mean in means), default=1.0)
    styles = genre_styles([item.genre for item in genres])
    rows = len(states) + 1
    with sheet(path, max(8.0, 1.6 + 1.25 * len(genres)), 0.9 + 1.8 * rows) as figure:
        axes = figure.subplots(rows, len(genres), squeeze=False)
        for column, item in zip(axes.T, genres, strict=True):
            color = styles[item.genre].color
            column[0].set_title(f"{item.genre}\n{item.segments} segments", fontsize=9.0)
            for ax, state in zip(column, states, strict=False):
                image = _draw_mean(ax, item, state, peak or 1.0)
            _draw_profile(column[-1], item, color, reach or 1.0)
            for ax in column:
                _frame(ax, color)
        for row, state in zip(axes, states, strict=False):
            name = state if state == CLEAN else f"{state.upper()}, ε = {epsilon:g}"
            row[0].set_ylabel(f"{name}\nfrequency (Hz)")
        for ax in axes.flat:
            ax.label_outer(remove_inner_ticks=False)
        add_bar(image, list(axes[:-1, -1]), "mean attention")
        legends = [ax.get_legend_handles_labels() for ax in axes[-1]]
        handles, names = max(legends, key=lambda legend: len(legend[1]))
        if names:
            figure.legend(handles, names, loc="outside lower center", ncols=len(names))


def _draw_mean(ax: Axes, item: GenreHeat, state: str, peak: float) -> AxesImage:
    """A mean heatmap, or word that there is none."""
    mean = item.means.get(state, np.zeros((1, 1)))
    image = draw_spectrogram(ax, upsample(mean, SHAPE), limits=(0.0, peak), cmap=HEAT)
    if not item.segments:
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 2.0}
        ax.text(0.5, 0.5, NONE_RIGHT, transform=ax.transAxes, ha="center", va="center", bbox=paper)
    ax.set_xlabel("")
    return image


def _draw_profile(ax: Axes, item: GenreHeat, color: str, reach: float) -> None:
    """Mean attention by mel band: the clean one filled, the attacked ones as lines."""
    draw_spectrogram(ax, np.zeros(SHAPE), cmap="Greys")
    bands = np.arange(SHAPE[0])
    lines = iter(STYLES * len(item.means))
    for state, mean in item.means.items():
        heat = upsample(mean, SHAPE).mean(axis=1)
        if state == CLEAN:
            ax.fill_betweenx(bands, 0, heat, color=color, alpha=0.55, label=CLEAN, linewidth=0)
        else:
            ax.plot(heat, bands, color=INK, linestyle=next(lines), label=state.upper())
    ax.set(xlim=(0, 1.05 * reach), xlabel="attention")
    ax.grid(axis="y", color=FAINT, alpha=0.3, linewidth=0.6)


def _frame(ax: Axes, color: str) -> None:
    """The genre's colour on the left edge."""
    ax.spines["left"].set(color=color, linewidth=3.0)
