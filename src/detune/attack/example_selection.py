"""Which segments are attacked at full strength, or as a sample: evenly from genres and songs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np


def draw_sample(labels: np.ndarray, tracks: Sequence[str], count: int, seed: int) -> np.ndarray:
    """Rows of `count` segments, right or wrong when clean, in ascending order.

    Args:
        labels: true labels `(n,)`.
        tracks: the track of each segment.
        count: how many rows to choose, or all where there are fewer.
        seed: decides which of a song's rows come first.
    """
    return np.sort(draw_examples(labels, labels, tracks, count, seed))


def draw_right(
    labels: np.ndarray, predictions: np.ndarray, tracks: Sequence[str], count: int, seed: int
) -> np.ndarray:
    """Rows of at most `count` segments that are right when clean.

    Arguments are those of `draw_examples`; here, with fewer right ones, no wrong one takes part.
    """
    drawn = draw_examples(labels, predictions, tracks, len(labels), seed)
    return np.asarray(drawn[predictions[drawn] == labels[drawn]][:count])


def draw_examples(
    labels: np.ndarray,
    clean_predictions: np.ndarray,
    tracks: Sequence[str],
    count: int,
    seed: int,
) -> np.ndarray:
    """Choose rows evenly from the genres and their songs, those classified correctly first.

    It looks at nothing that an attack does, so every cell of a grid draws the same rows.

    Args:
        labels: true labels `(n,)`.
        clean_predictions: predicted labels `(n,)` of the clean segments.
        tracks: the track of each segment.
        count: how many rows to choose, or all where there are fewer.
        seed: decides which of a song's rows come first.

    Returns:
        Rows, one of each genre in turn, so that the first few are spread as well.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    wrong = clean_predictions != labels
    # A song's turn after the other's within a genre, then a genre's after the other's.
    of_song = _ranks(order, [(tracks[row], wrong[row]) for row in range(len(labels))])
    order = order[np.lexsort((of_song[order], wrong[order]))]
    of_genre = _ranks(order, labels.tolist())
    return np.asarray(order[np.lexsort((labels[order], of_genre[order]))][:count])


def _ranks(order: np.ndarray, kinds: Sequence[Hashable]) -> np.ndarray:
    """How many of its kind come before each row in `order`, `(n,)` by row."""
    taken: Counter[Hashable] = Counter()
    ranks = np.empty(len(order), dtype=np.int64)
    for row in order:
        ranks[row] = taken[kinds[row]]
        taken[kinds[row]] += 1
    return ranks
