"""The marks of every method in tests with known answers, beside chance and the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from detune.figures.style import FAINT, INK, sheet

CHANCE, EVERY = "chance", "all"
BASELINE = "#ae354b"
METHOD = "#112fac"

Row = Mapping[str, Any]


def draw_marks(rows: Sequence[Row], baselines: Sequence[str], path: Path) -> None:
    """Draw marks with their 95 % intervals, a panel for each test and measure, a line a method.

    Args:
        rows: of `plots/ground_truth.csv`; nothing but a note is drawn where there are none.
        baselines: methods that are drawn in another colour.
        path: the PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    panels = list(dict.fromkeys((row["test"], row["measure"]) for row in rows))
    with sheet(path, max(8.0, 1.6 + 3.0 * len(panels)), 3.6) as figure:
        if not panels:
            figure.text(0.5, 0.5, "nothing was tested", ha="center", va="center")
            return
        axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for place, (ax, panel) in enumerate(zip(axes, panels, strict=True)):
            chosen = [row for row in rows if (row["test"], row["measure"]) == panel]
            _draw_panel(ax, chosen, baselines)
            ax.set(title=panel[0], xlabel=panel[1])
            if place:
                ax.tick_params(labelleft=False)


def _draw_panel(ax: Axes, rows: Sequence[Row], baselines: Sequence[str]) -> None:
    """One measure in one test: a point for each method, a tick where chance would be."""
    found = [row for row in rows if row["group"] == EVERY]
    values = {row["method"]: row for row in found if not row["versus"]}
    beyond = {row["method"]: row for row in found if row["versus"] == CHANCE}
    for place, (method, row) in enumerate(values.items()):
        color = BASELINE if method in baselines else METHOD
        ax.plot([row["low"], row["high"]], [place, place], color=color, linewidth=1.4)
        ax.plot([row["value"]], [place], "o", color=color, markersize=5)
        if method in beyond:
            level = row["value"] - beyond[method]["value"]
            ax.plot([level], [place], "|", color=INK, markersize=11, label=CHANCE)
    ax.set_yticks(range(len(values)), list(values))
    ax.set_ylim(len(values) - 0.5, -0.5)
    ax.grid(axis="x", color=FAINT, linewidth=0.3)
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        ax.legend(handles[:1], labels[:1], loc="best", fontsize=8)
