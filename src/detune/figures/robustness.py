"""How accuracy falls with the size of the attack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, NullLocator

from detune.figures.method_lines import Line, method_line
from detune.figures.style import FAINT, INK, sheet

Cell = Mapping[str, Any]


UNION = "#f2cf2e"
# Share of the axis that a tick label needs.
LABEL_WIDTH = 0.07


def draw_robustness(
    cells: Sequence[Cell],
    path: Path,
    *,
    chance: float,
    worst: Sequence[Cell] = (),
    exact: Sequence[Cell] = (),
) -> None:
    """Draw robust accuracy over epsilon, a line a method, by segment and by song.

    Args:
        cells: rows with `method`, `epsilon` (above 0), `epsilon_db_median` (decibels),
            `clean_accuracy`, `robust_accuracy`, `robust_accuracy_low` and `robust_accuracy_high`
            (ends of the 95 % interval), the same of songs with `song_` before them, `segments`
            and `songs`; accuracies from 0 to 1. Their order does not matter.
        path: the PNG file.
        chance: accuracy of a guess, one over the number of genres.
        worst: rows with `epsilon` and `value`, robust accuracy of segments where every method
            counts, in order of epsilon.
        exact: rows with `epsilon`, `value`, `low` and `high`, robust accuracy of segments by the
            exact smallest epsilon of each, in order of epsilon.

    Raises:
        ValueError: there are no cells, or an epsilon is not above 0.
        KeyError: a cell lacks a key.
        OSError: the file cannot be written.
    """
    if not cells or any(not cell["epsilon"] > 0 for cell in cells):
        raise ValueError("the cells need one row or more, each with an epsilon above 0")
    with sheet(path, 10.0, 4.4) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        _draw_panel(left, cells, "", f"segment level ({_span(cells, 'segments')} segments)")
        _draw_worst(left, worst)
        _draw_exact(left, exact)
        _draw_panel(right, cells, "song_", f"song level ({_span(cells, 'songs')} songs)")
        for ax in (left, right):
            _draw_level(ax, chance, f"chance {chance:.0%}", ":")
            _label_epsilons(ax, cells)
        left.set(ylabel="accuracy", ylim=(-0.02, 1.02))
        left.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
        left.legend(loc="best")


def _draw_panel(ax: Axes, cells: Sequence[Cell], prefix: str, title: str) -> None:
    """All methods at one level; keys start with `prefix`."""
    methods = sorted({str(cell["method"]) for cell in cells})
    for place, method in enumerate(methods):
        rows = [cell for cell in cells if str(cell["method"]) == method]
        rows.sort(key=lambda cell: float(cell["epsilon"]))
        line = method_line(method)
        _draw_band(ax, rows, prefix, line)
        ax.plot(
            [cell["epsilon"] for cell in rows],
            [cell[prefix + "robust_accuracy"] for cell in rows],
            color=line.color,
            marker=line.marker,
            linestyle=line.style,
            # Hollow markers let the line below show where two methods agree.
            markerfacecolor="white" if place % 2 else line.color,
            markersize=6,
            zorder=3 - 0.01 * place,
            label=method.upper(),
        )
    for accuracy in sorted({float(cell[prefix + "clean_accuracy"]) for cell in cells}):
        _draw_level(ax, accuracy, f"clean {accuracy:.1%}", "--")
    ax.set_title(title)
    ax.grid(axis="y", color=FAINT, alpha=0.3, linewidth=0.6)


def _draw_worst(ax: Axes, worst: Sequence[Cell]) -> None:
    """The worst case over methods, broad and pale: it lies under the strongest method's line."""
    if worst:
        epsilons, values = [row["epsilon"] for row in worst], [row["value"] for row in worst]
        ax.plot(epsilons, values, color=UNION, linewidth=7, zorder=1.5, label="worst case")


def _draw_exact(ax: Axes, exact: Sequence[Cell]) -> None:
    """Robust accuracy at every epsilon, as a thin line with its interval."""
    if exact:
        epsilons, values, low, high = (
            [row[key] for row in exact] for key in ("epsilon", "value", "low", "high")
        )
        ax.plot(epsilons, values, color=INK, linewidth=1.0, zorder=2.5, label="exact")
        ax.fill_between(epsilons, low, high, color=INK, alpha=0.08, linewidth=0)


def _draw_band(ax: Axes, rows: Sequence[Cell], prefix: str, line: Line) -> None:
    """The 95 % interval, as a band, or as bars where a band has no width."""
    epsilons = [cell["epsilon"] for cell in rows]
    low = np.array([cell[prefix + "robust_accuracy_low"] for cell in rows], dtype=np.float64)
    high = np.array([cell[prefix + "robust_accuracy_high"] for cell in rows], dtype=np.float64)
    if not (high > low).any():
        return
    if len(rows) == 1:
        ax.vlines(epsilons, low, high, color=line.color, linewidth=8, alpha=0.3)
    else:
        ax.fill_between(epsilons, low, high, color=line.color, alpha=0.18, linewidth=0)


def _draw_level(ax: Axes, accuracy: float, text: str, style: str) -> None:
    """A horizontal line with its name above the right end."""
    ax.axhline(accuracy, color=INK, linestyle=style, linewidth=1.0, zorder=1)
    ax.annotate(
        text,
        (1.0, accuracy),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        fontsize=8.0,
    )


def _label_epsilons(ax: Axes, cells: Sequence[Cell]) -> None:
    """Ticks at the epsilons, in units of the spectrogram below and in decibels above."""
    decibels = {float(cell["epsilon"]): float(cell["epsilon_db_median"]) for cell in cells}
    epsilons = sorted(decibels)
    low, high = epsilons[0] / 1.3, epsilons[-1] * 1.3
    shown = _thin(epsilons, float(np.log(high / low)) * LABEL_WIDTH)
    top = ax.twiny()
    for axes in (ax, top):
        axes.set(xscale="log", xlim=(low, high))
    ax.set_xlabel("ε (1 = the segment's range of levels)")
    top.set_xlabel("ε in dB (median of the segments)")
    top.spines["top"].set_visible(True)
    for axis, labels in (
        (ax.xaxis, [f"{epsilon:g}" for epsilon in shown]),
        (top.xaxis, [f"{decibels[epsilon]:.2g}" for epsilon in shown]),
    ):
        axis.set_ticks(shown, labels)
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())


def _thin(epsilons: Sequence[float], gap: float) -> list[float]:
    """The epsilons without those whose label would touch the one before."""
    shown: list[float] = []
    for epsilon in epsilons:
        if not shown or np.log(epsilon / shown[-1]) >= gap:
            shown.append(epsilon)
    return shown


def _span(cells: Sequence[Cell], key: str) -> str:
    """The number at `key`, or its lowest and highest where the cells differ."""
    low, high = (int(end(cell[key] for cell in cells)) for end in (min, max))
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
