"""How far attention moves under attack, what that is held against, and whether heatmaps hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, NullLocator

from detune.figures.method_lines import Line, method_line
from detune.figures.style import FAINT, INK, halo, sheet
from detune.gradcam.comparison import (
    ADVERSARIAL,
    ATTACK,
    EVERY,
    FIRST_WRONG,
    HEADLINE,
    NOISE,
    NOISE_ORIGINAL,
    ORIGINAL,
    OTHER_CLASSES,
    RETRAINED,
)
from detune.statistics.bootstrap import MIN_SONGS

Row = Mapping[str, Any]

LEVELS = {RETRAINED: "control: retrained head", OTHER_CLASSES: "control: other classes"}
REMOVED = {
    "deletion": ("what the heatmap marks", Line("#1f5fa8", "o", "-")),
    "deletion_random": ("as much elsewhere", Line("#777777", "s", "--")),
    "insertion": ("what the heatmap marks", Line("#1f5fa8", "o", "-")),
    "insertion_random": ("as much elsewhere", Line("#777777", "s", "--")),
}
SANITY = {"spearman": ("rank correlation", Line("#1f5fa8", "o", "-"))} | {
    "ssim": ("SSIM", Line("#d1701c", "s", "--"))
}

TRAINED = {"place": 0, "value": 1.0, "low": 1.0, "high": 1.0}
"""A heatmap is as its own self."""


def draw_study(
    comparisons: Sequence[Row],
    sizes: Sequence[Row],
    sanity: Sequence[Row],
    removal: Sequence[Row],
    path: Path,
) -> None:
    """Draw the study of attention in six panels.

    Args:
        comparisons: rows of `attention.csv`; those of rank correlation are drawn.
        sizes: rows of `attention_size.csv`.
        sanity: rows of `attention_sanity.csv`.
        removal: rows of `attention_removal.csv`.
        path: the PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    rows = [row for row in comparisons if row["measure"] == HEADLINE]
    with sheet(path, 13.0, 8.0) as figure:
        above, below = figure.subplots(2, 3)
        _draw_predicted(above[0], rows)
        _draw_original(above[1], rows)
        _draw_sizes(above[2], sizes)
        for ax in above:
            _draw_levels(ax, rows)
            ax.set_ylim(-1.05, 1.05)
        above[0].set_ylabel("rank correlation with the clean heatmap")
        for ax in above[1:]:
            ax.tick_params(labelleft=False)
        for ax, kind in zip(below, ("deletion", "insertion"), strict=False):
            _draw_removal(ax, removal, kind)
        _draw_sanity(below[2], sanity)
        for ax in (*above, *below):
            ax.grid(axis="y", color=FAINT, alpha=0.3, linewidth=0.6)


def _draw_predicted(ax: Axes, rows: Sequence[Row]) -> None:
    """Every method over epsilon, its noise, and what the change of the target class does alone."""
    every = [row for row in rows if row["group"] == EVERY and row["epsilon"] != ""]
    for method in _methods(every, ATTACK):
        _draw_method(ax, every, ATTACK, method)
        _draw_noise(ax, every, NOISE, method)
    clean = [
        row
        for row in rows
        if (row["comparison"], row["method"]) == (ADVERSARIAL, "pgd")
        and int(row["songs"]) >= MIN_SONGS
    ]
    line = Line(method_line("pgd").color, "^", ":")
    _draw_line(ax, clean, "clean, for PGD's adversarial class", line, "epsilon")
    ax.set_title("target: the class predicted under attack")
    _finish_epsilons(ax, every)


def _draw_original(ax: Axes, rows: Sequence[Row]) -> None:
    """Every method over epsilon, and its noise, for the class predicted before the attack."""
    every = [row for row in rows if row["group"] == EVERY and row["epsilon"] != ""]
    for method in _methods(every, ORIGINAL):
        _draw_method(ax, every, ORIGINAL, method)
        _draw_noise(ax, every, NOISE_ORIGINAL, method)
    ax.set_title("target: the original class")
    _finish_epsilons(ax, every)


def _draw_sizes(ax: Axes, rows: Sequence[Row]) -> None:
    """For the original class, over how large the change really is: last and first wrong iterate."""
    for method in _methods(rows, ORIGINAL):
        line = method_line(method)
        for kind, label, marker, style in (
            (ORIGINAL, f"{method.upper()}, last iterate", line.marker, "-"),
            (FIRST_WRONG, f"{method.upper()}, first wrong iterate", "x", ":"),
        ):
            chosen = [row for row in rows if (row["comparison"], row["method"]) == (kind, method)]
            chosen = [row for row in chosen if int(row["songs"]) >= MIN_SONGS]
            _draw_line(ax, chosen, label, Line(line.color, marker, style), "rms_mean")
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda size, _: f"{size:g}")
    ax.set(title="target: the original class, by real size")
    ax.set_xlabel("root mean square of the change")
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="lower left", fontsize=7.5)


def _methods(rows: Sequence[Row], kind: str) -> list[str]:
    """The methods that have rows of a kind."""
    return list(dict.fromkeys(row["method"] for row in rows if row["comparison"] == kind))


def _draw_method(ax: Axes, rows: Sequence[Row], kind: str, method: str) -> None:
    """A comparison of one method."""
    chosen = [row for row in rows if (row["comparison"], row["method"]) == (kind, method)]
    _draw_line(ax, chosen, method.upper(), method_line(method), "epsilon")


def _draw_noise(ax: Axes, rows: Sequence[Row], kind: str, method: str) -> None:
    """The control of one method: noise as large as its change."""
    chosen = [row for row in rows if (row["comparison"], row["method"]) == (kind, method)]
    line = Line(method_line(method).color, "", ":")
    _draw_line(ax, chosen, f"control: noise as large as {method.upper()}", line, "epsilon")


def _draw_line(ax: Axes, rows: Sequence[Row], label: str, line: Line, along: str) -> None:
    """Values over the key `along`, and their interval as a band."""
    rows = sorted(rows, key=lambda row: float(row[along]))
    if not rows:
        return
    x = [float(row[along]) for row in rows]
    value, low, high = ([float(row[key]) for row in rows] for key in ("value", "low", "high"))
    ax.plot(
        x,
        value,
        color=line.color,
        marker=line.marker,
        linestyle=line.style,
        markersize=5,
        label=label,
    )
    ax.fill_between(x, low, high, color=line.color, alpha=0.13, linewidth=0)


def _draw_levels(ax: Axes, rows: Sequence[Row]) -> None:
    """The controls that know no epsilon, as a band across with its name on it."""
    for row in rows:
        if row["comparison"] in LEVELS:
            value, low, high = (float(row[key]) for key in ("value", "low", "high"))
            ax.axhspan(low, high, color=INK, alpha=0.1, linewidth=0)
            ax.axhline(value, color=INK, linewidth=0.8)
            text = ax.annotate(
                LEVELS[row["comparison"]],
                (0.01, value),
                xycoords=("axes fraction", "data"),
                xytext=(0, 2),
                textcoords="offset points",
                fontsize=7.5,
            )
            text.set_path_effects(halo())


def _finish_epsilons(ax: Axes, rows: Sequence[Row]) -> None:
    """A logarithmic axis with a tick at each epsilon, and the legend."""
    epsilons = sorted({float(row["epsilon"]) for row in rows})
    ax.set_xscale("log")
    if epsilons:
        ax.set_xlim(epsilons[0] / 1.3, epsilons[-1] * 1.3)
        ax.set_xticks(epsilons, [f"{epsilon:g}" for epsilon in epsilons], rotation=45)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("ε (1 = the segment's range of levels)")
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="lower left", fontsize=7.5)


def _draw_removal(ax: Axes, rows: Sequence[Row], kind: str) -> None:
    """A curve of the target logit, and the same at random."""
    for name in (kind, f"{kind}_random"):
        label, line = REMOVED[name]
        chosen = [row | {"percent": 100 * float(row["share"])} for row in map(dict, rows)]
        chosen = [row for row in chosen if row["curve"] == name]
        _draw_line(ax, chosen, label, line, "percent")
    verb = "removed" if kind == "deletion" else "put in"
    ax.set(title=f"{kind}: {verb}, hottest first", xlabel=f"share of the segment {verb} (%)")
    ax.set_ylabel("target logit")
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="best", fontsize=7.5)


def _draw_sanity(ax: Axes, rows: Sequence[Row]) -> None:
    """How alike heatmaps stay as the layers become random from the top down."""
    layers = list(dict.fromkeys(row["layer"] for row in rows))
    for measure, (label, line) in SANITY.items():
        chosen = [
            dict(row) | {"place": 1 + layers.index(row["layer"])}
            for row in rows
            if row["measure"] == measure
        ]
        _draw_line(ax, [TRAINED, *chosen], label, line, "place")
    names = ["as trained", *layers]
    ax.set_xticks(np.arange(len(names)), names, rotation=45, ha="right", fontsize=7.0)
    ax.set_ylim(-1.05, 1.05)
    ax.set(title="parameter randomization, top down", ylabel="similarity to the true heatmap")
    ax.legend(loc="upper right", fontsize=7.5)
