"""Which segments are compared or drawn: pairs of other classes, spread samples, the surest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detune.statistics.scores import margins


def other_class_pairs(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
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


def choose_correct(logits: np.ndarray, labels: np.ndarray, per_genre: int) -> np.ndarray:
    """Rows of the correctly classified segments to show: the surest of each genre.

    Args:
        logits: `(n, genres)`.
        labels: true labels `(n,)`.
        per_genre: how many rows a genre, or all where there are fewer.

    Returns:
        Rows, by genre, the surest first.
    """
    leads = margins(logits, labels)
    rows: list[int] = []
    for label in range(logits.shape[1]):
        right = np.flatnonzero((labels == label) & (leads > 0))
        rows += list(right[np.argsort(-leads[right], kind="stable")][:per_genre])
    return np.asarray(rows, dtype=np.int64)


def choose_failures(logits: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """Rows of the wrongly classified segments to show: the most wrong, surest first."""
    leads = margins(logits, labels)
    wrong = np.flatnonzero(leads < 0)
    return wrong[np.argsort(leads[wrong], kind="stable")][:count]
