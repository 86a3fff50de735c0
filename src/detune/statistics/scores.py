"""How many are right: accuracy at segment and song level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from detune.statistics.bootstrap import Bootstrap


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities `(n, genres)` of logits `(n, genres)`."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def cross_entropies(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Cross-entropy `(n,)` of logits `(n, genres)` against labels `(n,)`, in nats."""
    peak = logits.max(axis=1)
    total = np.log(np.exp(logits - peak[:, None]).sum(axis=1)) + peak
    return np.asarray(total - logits[np.arange(len(labels)), labels])


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of logits `(n, genres)` against labels `(n,)`, in nats."""
    return float(np.mean(cross_entropies(logits, labels)))


def margins(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """By how much the true genre's logit leads the best other one, `(n,)`; negative if fooled.

    Args:
        logits: `(n, genres)`.
        labels: true labels `(n,)`.
    """
    rows = np.arange(len(labels))
    others = np.array(logits, dtype=np.float64)
    others[rows, labels] = -np.inf
    return np.asarray(logits[rows, labels] - others.max(axis=1))


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


def mean_probabilities(logits: np.ndarray, songs: np.ndarray, count: int) -> np.ndarray:
    """Soft vote: mean probabilities of each song's segments, `(count, genres)`; 0 without any.

    Args:
        logits: `(n, genres)`, one row a segment.
        songs: `(n,)` the song of each, numbered from 0.
        count: how many songs there are.
    """
    totals = np.zeros((count, logits.shape[1]))
    np.add.at(totals, songs, softmax(logits.astype(np.float64)))
    return np.asarray(totals / np.maximum(np.bincount(songs, minlength=count), 1)[:, None])


def song_votes(logits: np.ndarray, songs: np.ndarray) -> np.ndarray:
    """The label of the highest mean probability of each song, `(songs,)`.

    Args:
        logits: `(n, genres)`, one row a segment.
        songs: `(n,)` the song of each, numbered from 0.
    """
    return np.asarray(mean_probabilities(logits, songs, songs.max(initial=-1) + 1).argmax(axis=1))


def song_predictions(logits: np.ndarray, tracks: Sequence[str]) -> dict[str, int]:
    """What each track is taken for by the soft vote over its segments.

    Args:
        logits: `(n, genres)`, one row a segment.
        tracks: the track of each segment.

    Returns:
        Predicted label by track, in order of first appearance.
    """
    numbers = {track: number for number, track in enumerate(dict.fromkeys(tracks))}
    votes = song_votes(logits, np.asarray([numbers[track] for track in tracks], dtype=np.int64))
    return dict(zip(numbers, votes.tolist(), strict=True))


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


def median_smallest(smallest: np.ndarray) -> float | None:
    """Median of the smallest epsilons `(n,)` of segments that were right; None beyond the grid."""
    attacked = smallest[smallest > 0]
    if not attacked.size:
        return None
    median = float(np.quantile(attacked, 0.5, method="higher"))
    return median if np.isfinite(median) else None


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
        **Bootstrap(tracks, seed).share("segment_accuracy", logits.argmax(axis=1) == labels),
        **Bootstrap(songs, seed).share("song_accuracy", right),
        "test_loss": cross_entropy(logits, labels),
        "song_accuracy_by_genre": {
            genre: float(right[actual == label].mean())
            for label, genre in enumerate(genres)
            if (actual == label).any()
        },
    }
