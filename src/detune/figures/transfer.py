"""The matrix of transfer, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detune.figures.style import sheet

Row = Mapping[str, Any]


def draw_transfer(rows: Sequence[Row], path: Path) -> None:
    """Draw the share of segments turned, a row for each network attacked, a column for each asked.

    Args:
        rows: of `transfer_matrix`.
        path: the PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    names = list(dict.fromkeys(row["attacked"] for row in rows))
    count = len(names)
    shares = np.reshape([row["turned"] for row in rows], (count, count))
    with sheet(path, max(7.6, 2.4 + 1.3 * count), 1.8 + 0.9 * count) as figure:
        ax = figure.subplots()
        ax.imshow(shares, vmin=0, vmax=1, cmap="Blues", aspect="auto")
        for place, row in enumerate(rows):
            ax.annotate(
                f"{row['turned']:.0%}\n{row['turned_low']:.0%} to {row['turned_high']:.0%}",
                (place % count, place // count),
                ha="center",
                va="center",
                fontsize=8,
                color="white" if row["turned"] > 0.6 else "black",
            )
        ax.set_xticks(range(count), names)
        ax.set_yticks(range(count), names)
        ax.set(xlabel="network that is asked", ylabel="network that was attacked")
        ax.set_title("segments turned, of those right for both", fontsize=9)
