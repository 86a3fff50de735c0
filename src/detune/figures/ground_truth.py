"""Marks of every method in tests with known answers, and which part makes which genre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from detune.figures.style import FAINT, INK, sheet

CHANCE, EVERY = "chance", "all"
BASELINE = "#ae354b"
METHOD = "#112fac"

LOSS, HEAT = "loss without ", "heat on "
"""How measures of single parts begin."""

BASELINES = ("loudest place", "plain gradient", "loudest part", "random weights")
"""Methods that are drawn in another colour."""

Row = Mapping[str, Any]


def draw_ground_truth(rows: Sequence[Row], panels: Sequence[tuple[str, str]], path: Path) -> None:
    """Draw marks with their 95 % intervals, and which part makes which genre.

    Args:
        rows: of `plots/ground_truth.csv`; nothing but a note is drawn where there are none.
        panels: tests and measures to draw, those of them that there are.
        path: the PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    measured = {(row["test"], row["measure"]) for row in rows}
    panels = [panel for panel in panels if panel in measured]
    tables = [_by_genre(rows, start) for start in (LOSS, HEAT)]
    with sheet(path, max(8.0, 1.6 + 3.0 * len(panels)), 7.6 if tables[0] else 3.6) as figure:
        if not panels:
            figure.text(0.5, 0.5, "nothing was tested", ha="center", va="center")
            return
        above, *below = figure.subfigures(2, 1) if tables[0] else [figure]
        axes = above.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for ax, panel in zip(axes, panels, strict=True):
            _draw_panel(ax, [row for row in rows if (row["test"], row["measure"]) == panel])
            ax.set(title=panel[0], xlabel=f"{panel[1]} (tick: chance)")
        if below:
            left, right = below[0].subplots(1, 2)
            _draw_parts(left, tables[0], "what muting a part costs: fall of the genre's logit")
            _draw_parts(right, tables[1], "share of Grad-CAM's heat on the part")


def _by_genre(rows: Sequence[Row], start: str) -> dict[str, dict[str, float]]:
    """By genre and part the mean of a measure, of segments as they are."""
    table: dict[str, dict[str, float]] = {}
    for row in rows:
        attacked = row["test"].endswith("under attack")
        if row["measure"].startswith(start) and row["group"] != EVERY and not attacked:
            part = row["measure"].removeprefix(start)
            table.setdefault(row["group"], {})[part] = row["value"]
    return dict(sorted(table.items()))


def _draw_parts(ax: Axes, table: Mapping[str, Mapping[str, float]], title: str) -> None:
    """A cell for each genre and part, the larger the darker; empty where it is never heard."""
    parts = list(dict.fromkeys(part for row in table.values() for part in row))
    values = np.array([[row.get(part, np.nan) for part in parts] for row in table.values()])
    ax.imshow(values, cmap="Blues", vmin=0, aspect="auto", origin="upper")
    dark = 0.55 * np.nanmax(values)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            color = "white" if value > dark else INK
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", color=color, fontsize=8)
    ax.set_xticks(range(len(parts)), parts)
    ax.set_yticks(range(len(table)), list(table))
    ax.set_title(title)


def _draw_panel(ax: Axes, rows: Sequence[Row]) -> None:
    """One measure in one test: a point for each method, a tick where chance would be."""
    overall = [row for row in rows if row["group"] == EVERY]
    values = {row["method"]: row for row in overall if not row["versus"]}
    beyond = {row["method"]: row for row in overall if row["versus"] == CHANCE}
    for method, row in values.items():
        color = BASELINE if method in BASELINES else METHOD
        ax.plot([row["low"], row["high"]], [method, method], color=color, linewidth=1.4)
        ax.plot([row["value"]], [method], "o", color=color, markersize=5)
        if method in beyond:
            level = row["value"] - beyond[method]["value"]
            ax.plot([level], [method], "|", color=INK, markersize=11)
    if not ax.yaxis_inverted():
        ax.invert_yaxis()
    ax.grid(axis="x", color=FAINT, linewidth=0.3)
