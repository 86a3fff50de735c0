"""What a defence costs and buys: clean against robust accuracy, a panel for each attack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from detune.figures.style import FAINT, INK, sheet

COLORS = {"none": INK, "fgsm-rs": "#1f5fa8", "pgd": "#d1701c", "trades": "#2d7a4b"}
MARKERS = ("o", "s", "^", "D", "v")
"""Of training epsilons, in rising order."""

COLUMNS = 3

Row = Mapping[str, Any]


def draw_tradeoff(rows: Sequence[Row], path: Path) -> None:
    """Draw a point for each way of training, with 95 % intervals, in a panel for each epsilon.

    An epsilon that leaves nothing correct has no panel, unless none leaves anything.

    Args:
        rows: `method` and `trained_at` (training epsilon, 0 without a defence), `epsilon` of the
            attack, and `clean` and `robust` accuracy, each with `_low` and `_high`; `seeds`, if
            there, has the two accuracies of each training that they are means of, drawn small.
        path: the PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    epsilons = sorted({row["epsilon"] for row in rows if row["robust"]})
    epsilons = epsilons or [min(row["epsilon"] for row in rows)]
    markers = dict(zip(sorted({row["trained_at"] for row in rows}), MARKERS, strict=False))
    lines = -(-len(epsilons) // COLUMNS)
    with sheet(path, 10.0, 0.9 + 3.0 * lines) as figure:
        axes = figure.subplots(lines, COLUMNS, sharey=True, squeeze=False)
        for ax, epsilon in zip(axes.flat, epsilons, strict=False):
            _draw_panel(ax, [row for row in rows if row["epsilon"] == epsilon], markers)
            ax.set_title(f"PGD at ε = {epsilon:g}", fontsize=9)
        for ax in axes.flat[len(epsilons) :]:
            ax.axis("off")
        shown: dict[str, Any] = {}  # a way of training may be missing in a panel
        for ax in axes.flat:
            handles, labels = ax.get_legend_handles_labels()
            shown |= dict(zip(labels, handles, strict=True))
        figure.legend(
            list(shown.values()), list(shown), loc="outside upper center", ncols=4, fontsize=8
        )
        figure.supxlabel("accuracy of clean segments", fontsize=9)
        figure.supylabel("accuracy under attack", fontsize=9)


def _draw_panel(ax: Axes, rows: Sequence[Row], markers: Mapping[float, str]) -> None:
    """One epsilon; no point can lie above the diagonal."""
    ax.plot((0, 1), (0, 1), color=FAINT, linewidth=0.8, linestyle=":")
    for row in rows:
        (x, left, right), (y, down, up) = (
            [row[f"{name}{end}"] for end in ("", "_low", "_high")] for name in ("clean", "robust")
        )
        trained = f" at {row['trained_at']:g}" if row["trained_at"] else ""
        color, marker = COLORS.get(row["method"], FAINT), markers[row["trained_at"]]
        for seed in row.get("seeds", ()):
            ax.plot(*seed, color=color, marker=marker, markersize=3, alpha=0.5)
        ax.errorbar(
            [x],
            [y],
            yerr=[[y - down], [up - y]],
            xerr=[[x - left], [right - x]],
            color=color,
            marker=marker,
            markersize=6,
            elinewidth=0.8,
            linestyle="none",
            label=f"{row['method']}{trained}",
        )
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda share, _: f"{share:.0%}")
