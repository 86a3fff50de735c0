"""How many are right: accuracy at segment and song level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities `(n, genres)` of logits `(n, genres)`."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of logits `(n, genres)` against labels `(n,)`, in nats."""
    peak = logits.max(axis=1)
    total = np.log(np.exp(logits - peak[:, None]).sum(axis=1)) + peak
    return float(np.mean(total - logits[np.arange(len(labels)), labels]))


def accuracy(predictions: np.ndarray, labels: np.ndarray) -> float:
    """Share of predictions `(n,)` equal to labels `(n,)`."""
    return float(np.mean(predictions == labels))


def attack_success_rate(clean: np.ndarray, adversarial: np.ndarray, labels: np.ndarray) -> float:
    """Share of the segments that were right and no longer are; 0 where none was right.

    Args:
        clean: predictions `(n,)` before the attack.
        adversarial: predictions `(n,)` after it.
        labels: true labels `(n,)`.
    """
    was_right = clean == labels
    lost = was_right & (adversarial != labels)
    return float(lost.sum() / max(1, was_right.sum()))


def song_predictions(logits: np.ndarray, tracks: Sequence[str]) -> dict[str, int]:
    """Soft vote: each track's label of the highest mean probability over its segments.

    Args:
        logits: `(n, genres)`, one row a segment.
        tracks: the track of each segment.

    Returns:
        Predicted label by track, in order of first appearance.
    """
    probabilities, names = softmax(logits), np.asarray(tracks)
    return {
        track: int(probabilities[names == track].mean(axis=0).argmax())
        for track in dict.fromkeys(tracks)
    }


def song_accuracy(logits: np.ndarray, labels: np.ndarray, tracks: Sequence[str]) -> float:
    """Share of tracks whose soft vote over their segments is right."""
    return float(right_songs(logits, labels, tracks)[0].mean())


def right_songs(
    logits: np.ndarray, labels: np.ndarray, tracks: Sequence[str]
) -> tuple[np.ndarray, list[str]]:
    """Whether each track's soft vote is right, `(songs,)` bool, and the tracks."""
    truth = dict(zip(tracks, labels, strict=True))
    votes = song_predictions(logits, tracks)
    return np.asarray([vote == truth[track] for track, vote in votes.items()]), list(votes)


def bootstrap_interval(
    right: np.ndarray, tracks: Sequence[str], *, seed: int, draws: int = 2000, level: float = 0.95
) -> tuple[float, float]:
    """Percentile interval of an accuracy, by drawing whole songs with replacement.

    Segments of a song are alike, so songs, not segments, are what a new sample would replace.

    Args:
        right: `(n,)` whether each segment is right.
        tracks: the track of each segment.
        seed: of the draws.
        draws: how many samples of songs to draw.
        level: share of the draws inside the interval.
    """
    _, song = np.unique(np.asarray(tracks), return_inverse=True)
    hits, sizes = np.bincount(song, weights=right), np.bincount(song)
    picks = np.random.default_rng(seed).integers(len(sizes), size=(draws, len(sizes)))
    accuracies = hits[picks].sum(axis=1) / sizes[picks].sum(axis=1)
    low, high = np.quantile(accuracies, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def with_interval(
    name: str, right: np.ndarray, tracks: Sequence[str], *, seed: int
) -> dict[str, float]:
    """The share of `right` `(n,)` as `name`, its 95 % interval as `<name>_low` and `<name>_high`.

    Args:
        name: of the accuracy.
        right: whether each segment, or song, is right.
        tracks: the track of each.
        seed: of the bootstrap over songs.
    """
    low, high = bootstrap_interval(right, tracks, seed=seed)
    return {name: float(right.mean()), f"{name}_low": low, f"{name}_high": high}


def confusion_matrix(truth: Mapping[str, int], votes: Mapping[str, int], genres: int) -> np.ndarray:
    """Songs by actual (rows) and predicted label (columns), `(genres, genres)`."""
    matrix = np.zeros((genres, genres), dtype=np.int64)
    for track, vote in votes.items():
        matrix[truth[track], vote] += 1
    return matrix


def evaluate(
    logits: np.ndarray,
    labels: np.ndarray,
    tracks: Sequence[str],
    genres: Sequence[str],
    *,
    seed: int,
) -> dict[str, Any]:
    """How good a model is on segments that it never saw.

    Args:
        logits: `(n, genres)`.
        labels: true labels `(n,)`.
        tracks: the track of each segment.
        genres: names in order of label.
        seed: of the bootstrap over songs.

    Returns:
        Accuracy of segments and songs with 95 % intervals, cross-entropy in nats, and song
        accuracy by genre.
    """
    right, songs = right_songs(logits, labels, tracks)
    truth = dict(zip(tracks, labels, strict=True))
    actual = np.asarray([truth[song] for song in songs])
    return {
        **with_interval("segment_accuracy", logits.argmax(axis=1) == labels, tracks, seed=seed),
        **with_interval("song_accuracy", right, songs, seed=seed),
        "test_loss": cross_entropy(logits, labels),
        "song_accuracy_by_genre": {
            genre: float(right[actual == label].mean())
            for label, genre in enumerate(genres)
            if (actual == label).any()
        },
    }
