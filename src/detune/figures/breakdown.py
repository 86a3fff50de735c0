"""The smallest epsilon of each segment, robust accuracy by genre, and confusions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from detune.figures.method_lines import method_line
from detune.figures.style import FAINT, INK, Array, sheet
from detune.robustness.breakdown import Breakdown

SHARES = "Blues"
DARK = 0.55
"""Share above which a cell is so dark that its text must be white."""


def draw_breakdown(breakdown: Breakdown, path: Path) -> None:
    """Draw when segments fall, which genres stand longest, and what segments are taken for.

    Args:
        breakdown: what to draw.
        path: the PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    height = max(4.6, 1.6 + 0.3 * len(breakdown.genres))
    with sheet(path, 15.0, height) as figure:
        when, who, where = figure.subplots(1, 3, width_ratios=(1.1, 1.0, 1.0))
        _draw_smallest(when, breakdown)
        _draw_robust(who, breakdown)
        _draw_confusions(where, breakdown)


def _draw_smallest(ax: Axes, breakdown: Breakdown) -> None:
    """Bars: how many segments each epsilon is the first to fool, a colour a method."""
    steps = [0.0, *breakdown.epsilons, np.inf]
    width = 0.8 / len(breakdown.smallest)
    for place, (method, smallest) in enumerate(breakdown.smallest.items()):
        counts = [int((smallest == step).sum()) for step in steps]
        offset = (place - (len(breakdown.smallest) - 1) / 2) * width
        color = method_line(method).color
        bars = ax.bar(np.arange(len(steps)) + offset, counts, width, color=color)
        bars.set_label(method.upper())
        ax.bar_label(bars, [str(count or "") for count in counts], fontsize=7.0, padding=1)
    names = ["wrong\nwhen clean", *(f"{epsilon:g}" for epsilon in breakdown.epsilons), "none"]
    ax.set_xticks(range(len(steps)), names, fontsize=7.5)
    ax.set(
        title="when each segment falls", xlabel="smallest ε that fools it", ylabel="test segments"
    )
    ax.legend(loc="best")


def _draw_robust(ax: Axes, breakdown: Breakdown) -> None:
    """Robust accuracy in the worst case, a row a genre."""
    _draw_shares(ax, breakdown.robust, breakdown.robust, "{:.0%}")
    ax.set_xticks(
        range(len(breakdown.epsilons)),
        [f"{epsilon:g}" for epsilon in breakdown.epsilons],
        fontsize=7.5,
    )
    ax.set_yticks(range(len(breakdown.genres)), breakdown.genres)
    ax.set(title="robust accuracy, worst case", xlabel="ε", ylabel="actual genre")


def _draw_confusions(ax: Axes, breakdown: Breakdown) -> None:
    """Counts of what fooled segments are taken for, shaded by share of the actual genre."""
    shares = breakdown.confusions / np.maximum(breakdown.confusions.sum(axis=1, keepdims=True), 1)
    _draw_shares(
        ax, shares, np.where(breakdown.confusions > 0, breakdown.confusions, np.nan), "{:.0f}"
    )
    places = range(len(breakdown.genres))
    ax.set_xticks(places, breakdown.genres, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(places, breakdown.genres)
    ax.set(title=f"what {breakdown.confusions_by} turns them into", xlabel="taken for")


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
