"""What corruptions cost: accuracy by severity, a panel for each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from detune.figures.style import FAINT, sheet

COLOR = "#1f5fa8"
COLUMNS = 4

Row = Mapping[str, Any]


def draw_corruptions(rows: Sequence[Row], path: Path, *, clean: float) -> None:
    """Draw the accuracy of segments for each kind and severity, with 95 % intervals.

    Args:
        rows: of `plots/corruptions.csv`.
        path: the PNG file.
        clean: accuracy without a corruption.

    Raises:
        OSError: the file cannot be written.
    """
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    lines = -(-len(kinds) // COLUMNS)
    with sheet(path, 11.0, 0.6 + 2.3 * lines) as figure:
        axes = figure.subplots(lines, COLUMNS, sharey=True, squeeze=False)
        for ax, kind in zip(axes.flat, kinds, strict=False):
            _draw_kind(ax, [row for row in rows if row["kind"] == kind], clean)
        for ax in axes.flat[len(kinds) :]:
            ax.axis("off")
        figure.supylabel("accuracy of segments", fontsize=9)


def _draw_kind(ax: Axes, rows: Sequence[Row], clean: float) -> None:
    """One kind, its severities in the order of the parameter."""
    at = np.arange(len(rows))
    value, low, high = (
        np.asarray([row[f"segment_accuracy{end}"] for row in rows], float)
        for end in ("", "_low", "_high")
    )
    ax.axhline(clean, color=FAINT, linewidth=0.8, linestyle=":")
    ax.errorbar(
        at, value, (value - low, high - value), color=COLOR, marker="o", markersize=4, capsize=2
    )
    ax.set_xticks(at, [row["severity"] for row in rows], fontsize=7)
    ax.set_title(rows[0]["kind"].replace("_", " "), fontsize=9)
    ax.set_xlabel(rows[0]["unit"], fontsize=8)
    ax.set_ylim(-0.02, 1.02)
    ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
