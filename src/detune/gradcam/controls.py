"""What a shift of attention is held against: noise, other segments, and how they are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def unrelated_pairs(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Pairs of segments of different genres.

    Args:
        labels: `(n,)` the genre of each segment.
        count: partners of each segment, or all where there are fewer.
        seed: decides who is paired with whom.

    Returns:
        `(pairs, 2)` rows, by the first of each pair.
    """
    rng = np.random.default_rng(seed)
    pairs = []
    for row, label in enumerate(labels):
        others = np.flatnonzero(labels != label)
        partners = rng.choice(others, min(count, len(others)), replace=False)
        pairs += [(row, partner) for partner in partners]
    return np.asarray(pairs, dtype=np.int64).reshape(-1, 2)


def mean_by_row(values: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """The mean of the known `values` `(m,)` of each of `count` rows; NaN where there are none.

    Args:
        values: NaN where not known.
        rows: `(m,)` the row of each.
        count: how many rows there are.
    """
    known = np.isfinite(values)
    totals = np.bincount(rows[known], weights=values[known], minlength=count)
    sizes = np.bincount(rows[known], minlength=count)
    return np.asarray(totals / np.where(sizes > 0, sizes, np.nan))


def spread_rows(labels: np.ndarray, tracks: Sequence[str], count: int) -> np.ndarray:
    """A sample of `count` rows, or all where there are fewer, spread over genres and their songs.

    Args:
        labels: `(n,)` the genre of each segment.
        tracks: the track of each.
        count: how many to take.

    Returns:
        Rows in ascending order.
    """
    order = np.lexsort((np.unique(np.asarray(tracks), return_inverse=True)[1], labels))
    places = np.linspace(0, len(order), min(count, len(order)), endpoint=False).astype(np.int64)
    return np.asarray(np.sort(order[places]))
