"""How the training went, and which genres the network takes for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from detune.figures.style import FAINT, INK, Array, add_bar, sheet

SPLITS = (("", "training", "#1f5fa8", "o", "-"), ("val_", "validation", "#d1701c", "s", "--"))
ATTACKED = {"loss": "val_adversarial_loss", "accuracy": "val_robust_accuracy"}
"""What adversarial training adds to each panel: the validation segments under PGD."""
SHARES = "Blues"
# Beyond this many epochs the markers of a line would touch.
MARKED_EPOCHS = 30


def draw_history(history: Mapping[str, Sequence[float]], path: Path) -> None:
    """Draw loss and accuracy over the epochs, for training and validation.

    Args:
        history: columns `epoch`, `loss`, `val_loss`, `accuracy` and `val_accuracy`, a value an
            epoch each; those of `ATTACKED` where training was adversarial.
        path: the PNG file.

    Raises:
        KeyError: a column is missing.
        OSError: the file cannot be written.
    """
    with sheet(path, 9.0, 3.6) as figure:
        for place, quantity in ((1, "loss"), (2, "accuracy")):
            ax = figure.add_subplot(1, 2, place)
            _draw_curves(ax, history, quantity)
            ax.set(xlabel="epoch", ylabel=quantity)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
            ax.grid(axis="y", color=FAINT, alpha=0.3, linewidth=0.6)
        ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
        ax.legend(loc="lower right")


def _draw_curves(ax: Axes, history: Mapping[str, Sequence[float]], quantity: str) -> None:
    """Both splits, and the epoch with the lowest validation loss."""
    epochs = np.asarray(history["epoch"], dtype=np.float64)
    for prefix, split, color, marker, line in SPLITS:
        mark = marker if len(epochs) <= MARKED_EPOCHS else ""
        values = history[prefix + quantity]
        ax.plot(epochs, values, color=color, marker=mark, linestyle=line, ms=3.5, label=split)
    if ATTACKED[quantity] in history:
        values = history[ATTACKED[quantity]]
        ax.plot(epochs, values, color=INK, linestyle="-.", label="validation, attacked")
    criterion = ATTACKED["loss"] if ATTACKED["loss"] in history else "val_loss"
    losses = np.asarray(history[criterion], dtype=np.float64)
    if np.isfinite(losses).any():
        best = epochs[int(np.nanargmin(losses))]
        ax.axvline(best, color=FAINT, linestyle=":", zorder=0, label="lowest validation loss")


def draw_confusion(matrix: Array, genres: Sequence[str], path: Path) -> None:
    """Draw which genres songs are taken for, with counts and shares of the actual genre.

    Args:
        matrix: (g, g) counts of songs, rows the actual and columns the predicted genre.
        genres: the g names, in the order of the matrix. A row without songs stays empty.
        path: the PNG file.

    Raises:
        ValueError: the matrix does not fit the genres.
        OSError: the file cannot be written.
    """
    matrix = np.asarray(matrix)
    if matrix.shape != (len(genres), len(genres)):
        raise ValueError(f"a matrix of shape {matrix.shape} for {len(genres)} genres")
    songs = matrix.sum(axis=1)
    shares = matrix / np.maximum(songs, 1)[:, np.newaxis]
    shown = np.where(songs[:, np.newaxis] == 0, np.nan, shares)
    size = max(8.0, 1.5 + 0.72 * len(genres))
    with sheet(path, size, size * 0.88) as figure:
        ax = figure.add_subplot()
        image = ax.imshow(shown, cmap=SHARES, vmin=0, vmax=1, origin="upper", aspect="auto")
        _write_cells(ax, matrix, shares)
        for row in np.flatnonzero(songs == 0):
            ax.text((len(genres) - 1) / 2, row, "no songs", color=FAINT, ha="center", va="center")
        places = range(len(genres))
        ax.set_xticks(places, genres, rotation=40, ha="right", rotation_mode="anchor")
        rows = [
            f"{genre} ({count:d})" for genre, count in zip(genres, songs.astype(int), strict=True)
        ]
        ax.set_yticks(places, rows)
        ax.set(xlabel="predicted genre", ylabel="actual genre (songs)")
        ax.tick_params(length=0)
        ax.set_frame_on(False)
        bar = add_bar(image, ax, "share of the actual genre")
        bar.ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")


def _write_cells(ax: Axes, matrix: Array, shares: Array) -> None:
    """Count and percent of each cell that has songs, the diagonal in bold."""
    for row, column in np.argwhere(matrix):
        share = float(shares[row, column])
        ax.text(
            column,
            row,
            f"{int(matrix[row, column])}\n{share:.0%}",
            ha="center",
            va="center",
            color="white" if share > 0.55 else INK,
            fontweight="bold" if row == column else "normal",
        )
