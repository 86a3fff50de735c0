"""How far apart two heatmaps are: rank correlation, overlap, structure, centre, concentration.

Each measure takes heatmaps `(n, height, width)` in [0, 1] before and after, pair by pair, and gives
`(n,)`; a pair of which one heatmap is all zero says nothing, and gets NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.ndimage import uniform_filter
from scipy.stats import rankdata

from detune.audio.constants import FRAMES, HOP, MEL_BANDS, SAMPLE_RATE

TOP = 0.2
"""Share of the grid that counts as where the network attends to."""

WINDOW = 7
"""Cells along a side of the window in which structure is compared, or fewer on a small grid."""

Measure = Callable[[np.ndarray, np.ndarray], np.ndarray]


def compare(before: np.ndarray, after: np.ndarray) -> dict[str, np.ndarray]:
    """Every measure of `MEASURES`, by name."""
    empty = ~(before.any(axis=(1, 2)) & after.any(axis=(1, 2)))
    return {
        name: np.where(empty, np.nan, measure(before, after)) for name, measure in MEASURES.items()
    }


def spearman(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Rank correlation of the cells: 1 for the same order, 0 for none; NaN where all are equal."""
    first, second = (rankdata(_flat(heatmaps), axis=1) for heatmaps in (before, after))
    first, second = (ranks - ranks.mean(axis=1, keepdims=True) for ranks in (first, second))
    spread = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    return np.asarray((first * second).sum(axis=1) / np.where(spread > 0, spread, np.nan))


def overlap(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Cells among the top fifth of both, as a share of those in either (IoU), 0 to 1.

    A cell without any heat never counts, so a top fifth may hold fewer cells than a fifth.
    """
    first, second = _top(_flat(before)), _top(_flat(after))
    union = (first | second).sum(axis=1)
    return np.asarray((first & second).sum(axis=1) / np.maximum(union, 1))


def ssim(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Structural similarity (Wang et al. 2004), its mean over all whole windows, -1 to 1."""
    side = min(WINDOW, *before.shape[1:])
    side -= 1 - side % 2
    smooth = partial(uniform_filter, size=(0, side, side))
    x, y = before.astype(np.float64), after.astype(np.float64)
    # The unbiased variance, as the paper has it.
    unbiased = side**2 / max(1, side**2 - 1)
    mean_x, mean_y = smooth(x), smooth(y)
    var_x, var_y = (unbiased * (smooth(v * v) - m * m) for v, m in ((x, mean_x), (y, mean_y)))
    covariance = unbiased * (smooth(x * y) - mean_x * mean_y)
    small, smaller = 0.01**2, 0.03**2
    alike = (2 * mean_x * mean_y + small) * (2 * covariance + smaller)
    local = alike / ((mean_x**2 + mean_y**2 + small) * (var_x + var_y + smaller))
    rim = side // 2
    interior = local[:, rim : local.shape[1] - rim, rim : local.shape[2] - rim]
    return np.asarray(interior.mean(axis=(1, 2)))


def shift_seconds(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How far the centre of mass moves in time, s, either way."""
    return np.asarray(np.abs(_centres(after)[1] - _centres(before)[1]))


def shift_bands(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How far the centre of mass moves in frequency, mel bands, either way."""
    return np.asarray(np.abs(rise_bands(before, after)))


def rise_bands(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """By how many mel bands the centre of mass rises, negative where it falls."""
    return np.asarray(_centres(after)[0] - _centres(before)[0])


def entropy_change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """By how much the heat spreads: positive where it is less concentrated than before."""
    return np.asarray(entropy(after) - entropy(before))


def entropy(heatmaps: np.ndarray) -> np.ndarray:
    """Entropy `(n,)` of how the heat is shared out: 0 for a single cell, 1 for evenly over all."""
    shares = _shares(heatmaps)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-(shares * logs).sum(axis=1) / np.log(max(2, shares.shape[1])))


def _centres(heatmaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centres of mass: mel band and second, each `(n,)`, from the lower left corner."""
    _, height, width = heatmaps.shape
    shares = _shares(heatmaps).reshape(heatmaps.shape)
    rows = (np.arange(height) + 0.5) * MEL_BANDS / height
    columns = (np.arange(width) + 0.5) * FRAMES / width * HOP / SAMPLE_RATE
    return shares.sum(axis=2) @ rows, shares.sum(axis=1) @ columns


def _shares(heatmaps: np.ndarray) -> np.ndarray:
    """What share of the heat each cell has, `(n, cells)`; zero where there is none."""
    flat = _flat(heatmaps).astype(np.float64)
    totals = flat.sum(axis=1, keepdims=True)
    return np.asarray(flat / np.where(totals > 0, totals, 1))


def _top(flat: np.ndarray) -> np.ndarray:
    """Which cells are the hottest fifth, the first of equals, if they have any heat."""
    count = max(1, round(TOP * flat.shape[1]))
    order = np.argsort(-flat, axis=1, kind="stable")[:, :count]
    marked = np.zeros(flat.shape, dtype=bool)
    np.put_along_axis(marked, order, values=True, axis=1)
    return np.asarray(marked & (flat > 0))


def _flat(heatmaps: np.ndarray) -> np.ndarray:
    return heatmaps.reshape(len(heatmaps), int(np.prod(heatmaps.shape[1:])))


MEASURES: dict[str, Measure] = {
    "spearman": spearman,
    "overlap": overlap,
    "ssim": ssim,
    "shift_seconds": shift_seconds,
    "shift_bands": shift_bands,
    "rise_bands": rise_bands,
    "entropy_change": entropy_change,
}
"""By the name they have in tables."""
