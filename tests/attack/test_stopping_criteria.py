from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.attack.stall_detection import StallDetector
from detune.attack.stopping_criteria import AllSteps, Misclassified, SongMisclassified, vote_margins

X = np.zeros((4, 2, 2, 1), np.float32)
LABELS = np.array([0, 0, 1, 1])
ROWS = np.arange(4)
RIGHT, WRONG = np.array([2.0, 0.0, 0.0]), np.array([0.0, 0.0, 2.0])


def logits(wrong: list[int], labels: np.ndarray = LABELS) -> np.ndarray:
    """Logits of segments of which those in `wrong` are taken for genre 2."""
    values = 2 * np.eye(3)[labels]
    values[wrong] = WRONG
    return values


def never_stalled(items: int) -> Any:
    return StallDetector(items, 9, 9, 0.0)


def steps(count: int) -> np.ndarray:
    return np.full(4, count)


def iterate(step: int) -> np.ndarray:
    return np.full_like(X, step)


def test_the_first_wrong_iterate_is_kept_and_a_later_one_does_not_count() -> None:
    segments = Misclassified(X, LABELS, np.array([False, False, True, False]))
    segments.begin(never_stalled)
    assert segments.needs(ROWS).tolist() == [True, True, False, True]
    for step, wrong in enumerate(([], [1], [0], [])):
        segments.observe(ROWS, steps(step), logits(wrong), iterate(step))
    # Row 2 was wrong before any attack; 3 never fell, and its last iterate is kept.
    assert segments.first_wrong[:, 0, 0, 0].tolist() == [2, 1, 0, 3]
    assert segments.steps.tolist() == [2, 1, 0, -1]
    assert segments.wrong.tolist() == [True, True, True, False]
    assert segments.needs(ROWS).tolist() == [False, False, False, True]


def test_what_has_stalled_is_still_recorded_when_others_need_it() -> None:
    segments = Misclassified(X, LABELS, np.zeros(4, bool))
    segments.begin(lambda items: StallDetector(items, 9, 0, 1.0))
    for step in range(3):
        segments.observe(ROWS, steps(step), logits([]), iterate(step))
    assert not segments.needs(ROWS).any()
    segments.observe(ROWS, steps(3), logits([0]), iterate(3))
    assert segments.steps.tolist() == [3, -1, -1, -1]


def test_a_song_falls_by_its_vote_and_not_by_one_segment() -> None:
    songs = SongMisclassified(np.array([0, 0, 1, 1]), LABELS, logits([]))
    songs.begin(never_stalled)
    weak = logits([1])
    weak[1] = [0.5, 0, 0.6]
    songs.observe(ROWS, steps(0), weak, X)
    assert songs.needs(ROWS).all()
    strong = logits([1, 2, 3])
    strong[1] = [0, 0, 9]
    songs.observe(ROWS, steps(1), strong, X)
    assert songs.predictions.tolist() == [2, 2]
    assert not songs.needs(ROWS).any()
    # What comes later does not raise it again.
    songs.observe(ROWS, steps(2), logits([]), X)
    assert songs.predictions.tolist() == [2, 2]


def test_a_song_that_is_wrong_from_the_start_is_not_attacked() -> None:
    songs = SongMisclassified(np.array([0, 0, 1, 1]), LABELS, logits([0, 1]))
    songs.begin(never_stalled)
    assert songs.predictions.tolist() == [2, 1]
    assert songs.needs(ROWS).tolist() == [False, False, True, True]


@given(
    votes=st.lists(
        st.lists(st.floats(0.001, 1), min_size=3, max_size=3), min_size=1, max_size=5
    ).map(np.array)
)
def test_a_vote_is_right_where_its_margin_is_positive(votes: np.ndarray) -> None:
    votes = votes / votes.sum(axis=1, keepdims=True)
    labels = np.arange(len(votes)) % 3
    margin, right = vote_margins(votes, labels), votes.argmax(axis=1) == labels
    assert right[margin > 0].all()
    assert not right[margin < 0].any()


def test_margins_of_votes_without_any_probability_are_finite() -> None:
    assert np.isfinite(vote_margins(np.array([[1.0, 0.0]]), np.array([1]))).all()


def test_rounding_is_asked_about_where_it_decides() -> None:
    near = logits([])
    near[1] = [1.0, 0.99, 0]

    def unsure_of(margin: np.ndarray) -> np.ndarray:
        return np.abs(margin) < 0.05

    segments = Misclassified(X, LABELS, np.zeros(4, bool))
    assert segments.unsure(ROWS, near, unsure_of).tolist() == [False, True, False, False]
    songs = SongMisclassified(np.array([0, 0, 1, 1]), LABELS, logits([]))
    even = logits([1])
    even[1, 2] += 0.01
    assert songs.unsure(ROWS, even, unsure_of).tolist() == [True, True, False, False]


def test_full_strength_needs_all_steps_and_keeps_the_last() -> None:
    everything = AllSteps(X, LABELS, np.array([3, 0]), 2)
    everything.begin(never_stalled)
    for step in range(3):
        assert everything.needs(ROWS).tolist() == [True, False, False, True]
        everything.observe(ROWS, steps(step), logits([0, 3]), iterate(step))
    assert not everything.needs(ROWS).any()
    assert everything.last[:, 0, 0, 0].tolist() == [2, 2]
    assert everything.losses.shape == (2, 3)
    assert everything.losses[0] == pytest.approx(np.log(np.exp(2) + 2))


def test_a_later_attempt_is_for_those_whose_last_iterate_is_right() -> None:
    everything = AllSteps(X, LABELS, np.array([0, 1]), 1)
    for attempt in (1, 2):
        everything.begin(never_stalled)
        for step in range(2):
            everything.observe(ROWS, steps(step), logits([0]), iterate(10 * attempt + step))
    # Row 1 never falls: a second attempt that fails does not replace the first.
    assert everything.last[:, 0, 0, 0].tolist() == [11, 11]
    assert everything.needs(ROWS).tolist() == [False] * 4


def test_without_an_attempt_no_song_that_is_wrong_is_judged_again() -> None:
    songs = SongMisclassified(np.array([0, 0, 1, 1]), LABELS, logits([0, 1]))
    songs.observe(ROWS, steps(0), logits([]), X)
    assert songs.predictions.tolist() == [2, 1]


def test_a_tie_is_decided_as_predictions_are() -> None:
    tie = logits([])
    tie[0] = [1.0, 0.0, 1.0]  # argmax takes the first, which is right
    tie[2] = [1.0, 1.0, 0.0]  # and here the first, which is wrong
    segments = Misclassified(X, LABELS, np.zeros(4, bool))
    segments.begin(never_stalled)
    segments.observe(ROWS, steps(0), tie, iterate(0))
    assert segments.wrong.tolist() == [False, False, True, False]
