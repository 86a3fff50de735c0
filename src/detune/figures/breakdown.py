"""Who falls when: the smallest epsilon of each segment, genre by genre, and where it is pushed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from detune.figures.lines import method_line
from detune.figures.style import FAINT, INK, Array, sheet

SHARES = "Blues"
DARK = 0.55
"""Share above which a cell is so dark that its text must be white."""


@dataclass(frozen=True)
class Fallen:
    """What `draw_breakdown` shows of n test segments, g genres and e epsilons.

    Attributes:
        genres: names in order of label.
        epsilons: in rising order.
        smallest: by method, the smallest epsilon that fools each segment `(n,)`: 0 where it was
            wrong when clean, infinity where none does.
        standing: `(g, e)` robust accuracy in the worst case by genre; NaN for a genre without
            test segments.
        pushed: `(g, g)` segments that were right, by their genre and what they are taken for.
        pushed_by: which attack that was, in words.
    """

    genres: Sequence[str]
    epsilons: Sequence[float]
    smallest: Mapping[str, Array]
    standing: Array
    pushed: Array
    pushed_by: str


def draw_breakdown(fallen: Fallen, path: Path) -> None:
    """Draw when segments fall, which genres stand longest, and what segments are taken for.

    Args:
        fallen: what to draw.
        path: the PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    height = max(4.6, 1.6 + 0.3 * len(fallen.genres))
    with sheet(path, 15.0, height) as figure:
        when, who, where = figure.subplots(1, 3, width_ratios=(1.1, 1.0, 1.0))
        _draw_smallest(when, fallen)
        _draw_standing(who, fallen)
        _draw_pushed(where, fallen)


def _draw_smallest(ax: Axes, fallen: Fallen) -> None:
    """Bars: how many segments each epsilon is the first to fool, a colour a method."""
    steps = [0.0, *fallen.epsilons, np.inf]
    width = 0.8 / len(fallen.smallest)
    for place, (method, smallest) in enumerate(fallen.smallest.items()):
        counts = [int((smallest == step).sum()) for step in steps]
        offset = (place - (len(fallen.smallest) - 1) / 2) * width
        color = method_line(method).color
        bars = ax.bar(np.arange(len(steps)) + offset, counts, width, color=color)
        bars.set_label(method.upper())
        ax.bar_label(bars, [str(count or "") for count in counts], fontsize=7.0, padding=1)
    names = ["wrong\nwhen clean", *(f"{epsilon:g}" for epsilon in fallen.epsilons), "none"]
    ax.set_xticks(range(len(steps)), names, fontsize=7.5)
    ax.set(
        title="when each segment falls", xlabel="smallest ε that fools it", ylabel="test segments"
    )
    ax.legend(loc="best")


def _draw_standing(ax: Axes, fallen: Fallen) -> None:
    """Robust accuracy in the worst case, a row a genre."""
    _draw_shares(ax, fallen.standing, fallen.standing, "{:.0%}")
    ax.set_xticks(
        range(len(fallen.epsilons)), [f"{epsilon:g}" for epsilon in fallen.epsilons], fontsize=7.5
    )
    ax.set_yticks(range(len(fallen.genres)), fallen.genres)
    ax.set(title="robust accuracy, worst case", xlabel="ε", ylabel="actual genre")


def _draw_pushed(ax: Axes, fallen: Fallen) -> None:
    """Counts of what fooled segments are taken for, shaded by share of the actual genre."""
    shares = fallen.pushed / np.maximum(fallen.pushed.sum(axis=1, keepdims=True), 1)
    _draw_shares(ax, shares, np.where(fallen.pushed > 0, fallen.pushed, np.nan), "{:.0f}")
    places = range(len(fallen.genres))
    ax.set_xticks(places, fallen.genres, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(places, fallen.genres)
    ax.set(title=f"what {fallen.pushed_by} turns them into", xlabel="taken for")


def _draw_shares(ax: Axes, shares: Array, numbers: Array, form: str) -> None:
    """A table shaded by `shares`, with `numbers` written as `form` where there are any."""
    image = ax.imshow(shares, cmap=SHARES, origin="upper", aspect="auto")
    image.set_clim(0.0, 1.0)
    for row, column in np.argwhere(np.isfinite(numbers)):
        dark = shares[row, column] > DARK
        text = form.format(numbers[row, column])
        color = "white" if dark else INK
        ax.text(
            float(column), float(row), text, color=color, ha="center", va="center", fontsize=7.5
        )
    for row in np.flatnonzero(np.isnan(shares).all(axis=1)):
        middle = (shares.shape[1] - 1) / 2
        ax.text(middle, float(row), "no segments", color=FAINT, ha="center", va="center")
    ax.tick_params(length=0)
    ax.set_frame_on(False)
