from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detune.statistics.bootstrap import Bootstrap
from detune.statistics.scores import (
    accuracy,
    attack_success_rate,
    confusion_matrix,
    cross_entropy,
    evaluate,
    softmax,
    song_accuracy,
    song_predictions,
)

LOGITS = st.tuples(st.integers(1, 12), st.integers(2, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(-30, 30))
)


@given(logits=LOGITS)
def test_softmax_is_the_share_of_the_exponentials(logits: np.ndarray) -> None:
    direct = [[math.exp(z) / math.fsum(map(math.exp, row)) for z in row] for row in logits.tolist()]
    assert softmax(logits) == pytest.approx(np.asarray(direct), rel=1e-9)


@given(logits=LOGITS, shift=st.floats(-1e4, 1e4))
def test_softmax_sums_to_one_and_does_not_see_a_shift(logits: np.ndarray, shift: float) -> None:
    assert softmax(logits).sum(axis=1) == pytest.approx(1)
    assert softmax(logits + shift) == pytest.approx(softmax(logits), rel=1e-6, abs=1e-9)


@given(logits=LOGITS, seed=st.integers(0, 99))
def test_cross_entropy_is_the_mean_of_minus_log_probability(logits: np.ndarray, seed: int) -> None:
    labels = np.random.default_rng(seed).integers(logits.shape[1], size=len(logits))
    direct = [
        math.log(math.fsum(map(math.exp, row))) - row[label]
        for row, label in zip(logits.tolist(), labels, strict=True)
    ]
    assert cross_entropy(logits, labels) == pytest.approx(np.mean(direct), rel=1e-9, abs=1e-9)


def test_huge_logits_do_not_overflow() -> None:
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]], dtype=np.float32)
    assert softmax(logits) == pytest.approx(np.array([[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]]))
    assert cross_entropy(logits, np.array([1, 0])) == pytest.approx((2e4 + math.log(3)) / 2)


def test_accuracy_is_the_share_of_hits() -> None:
    assert accuracy(np.array([0, 1, 2, 2]), np.array([0, 1, 1, 0])) == 0.5


def test_a_song_is_what_its_segments_say_on_average_not_by_count() -> None:
    logits = np.array([[0.2, 0.0], [0.2, 0.0], [0.0, 5.0], [3.0, 0.0]])
    tracks = ["b", "b", "b", "a"]
    assert song_predictions(logits, tracks) == {"b": 1, "a": 0}
    # Probabilities vote, not logits: one loud segment does not outvote two sure ones.
    loud = np.array([[50.0, 0.0], [0.0, 3.0], [0.0, 3.0]])
    assert song_predictions(loud, ["a", "a", "a"]) == {"a": 1}
    assert song_accuracy(logits, np.array([1, 1, 1, 1]), tracks) == 0.5


@given(seed=st.integers(0, 999))
def test_songs_do_not_depend_on_the_order_of_segments(seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, tracks = rng.normal(size=(20, 3)), [f"t{n // 4}" for n in range(20)]
    order = rng.permutation(20)
    shuffled = song_predictions(logits[order], [tracks[n] for n in order])
    assert shuffled == song_predictions(logits, tracks)


def test_the_confusion_matrix_has_actual_labels_in_its_rows() -> None:
    matrix = confusion_matrix({"a": 0, "b": 0, "c": 2}, {"a": 0, "b": 1, "c": 2}, 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]


def test_an_evaluation_agrees_with_its_parts_and_leaves_out_genres_without_songs() -> None:
    logits = np.array([[2.0, 0, 0], [1.0, 0, 3], [0, 0, 1.0], [0, 2.0, 0], [5.0, 0, 0]])
    labels, tracks = np.array([0, 0, 2, 2, 0]), ["a", "a", "b", "c", "d"]
    truth = dict(zip(tracks, labels, strict=True))
    votes = song_predictions(logits, tracks)
    hits = np.array([votes[track] == truth[track] for track in votes])
    assert evaluate(logits, labels, tracks, ["blues", "jazz", "rock"], seed=7) == {
        **Bootstrap(tracks, 7).share("segment_accuracy", logits.argmax(axis=1) == labels),
        **Bootstrap(list(votes), 7).share("song_accuracy", hits),
        "segment_accuracy": 0.6,
        "song_accuracy": 0.5,
        "test_loss": cross_entropy(logits, labels),
        "song_accuracy_by_genre": {"blues": 0.5, "rock": 0.5},
    }


def test_success_is_a_share_of_what_was_right() -> None:
    labels = np.array([0, 1, 2, 0])
    assert attack_success_rate(np.array([0, 1, 0, 0]), np.array([1, 1, 2, 2]), labels) == 2 / 3
    assert attack_success_rate(labels, labels, labels) == 0
    assert attack_success_rate(labels[::-1] + 1, labels, labels) == 0
