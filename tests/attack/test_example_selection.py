from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detune.attack.example_selection import draw_examples, draw_right, draw_sample

LABELLED = st.lists(
    st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 2)), min_size=1, max_size=60
)


def drawn_from(
    drawn: list[tuple[int, bool, int]], count: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Rows, labels, which are right when clean, and tracks."""
    labels = np.array([label for label, _, _ in drawn])
    correct = np.array([hit for _, hit, _ in drawn])
    tracks = [f"{label}.{song}" for label, _, song in drawn]
    predictions = np.where(correct, labels, labels + 1)
    return draw_examples(labels, predictions, tracks, count, seed), labels, correct, tracks


@given(drawn=LABELLED, count=st.integers(1, 70), seed=st.integers(0, 2**32 - 1))
def test_examples_are_spread_evenly_with_correct_ones_first(
    drawn: list[tuple[int, bool, int]], count: int, seed: int
) -> None:
    rows, labels, correct, tracks = drawn_from(drawn, count, seed)
    assert len(rows) == len(set(rows)) == min(count, len(labels))
    available = Counter(labels.tolist())
    for length in range(1, len(rows) + 1):
        taken = Counter(labels[rows[:length]].tolist())
        most = max(taken.values())
        # No genre lags by more than one turn, unless it has no more rows.
        assert all(taken[genre] >= min(most - 1, size) for genre, size in available.items())
    for genre in available:
        hits = correct[rows[labels[rows] == genre]]
        assert list(hits) == sorted(hits, reverse=True)
        shown, all_hits = len(hits), correct[labels == genre].sum()
        assert hits.sum() == min(shown, all_hits)
        # Among the right ones, no song of the genre lags by more than one turn either.
        right = [row for row in rows if labels[row] == genre and correct[row]]
        songs = Counter(tracks[row] for row in right)
        have = Counter(tracks[row] for row in np.flatnonzero((labels == genre) & correct))
        most = max(songs.values(), default=0)
        assert all(songs[song] >= min(most - 1, size) for song, size in have.items())


@given(drawn=LABELLED, seed=st.integers(0, 99), counts=st.tuples(st.integers(1, 60), st.just(60)))
def test_fewer_examples_are_the_first_of_more(
    drawn: list[tuple[int, bool, int]], seed: int, counts: tuple[int, int]
) -> None:
    few, many = (drawn_from(drawn, count, seed)[0] for count in counts)
    assert np.array_equal(few, many[: len(few)])


@given(drawn=LABELLED, count=st.integers(1, 70))
def test_a_sample_is_in_order_and_spread_whoever_is_right(
    drawn: list[tuple[int, bool, int]], count: int
) -> None:
    labels = np.array([label for label, _, _ in drawn])
    tracks = [f"{label}.{song}" for label, _, song in drawn]
    rows = draw_sample(labels, tracks, count, 3)
    assert rows.tolist() == sorted(draw_examples(labels, labels, tracks, count, 3))


@given(drawn=LABELLED, count=st.integers(1, 70), seed=st.integers(0, 2**32 - 1))
def test_right_ones_come_in_the_order_of_examples_and_none_is_wrong(
    drawn: list[tuple[int, bool, int]], count: int, seed: int
) -> None:
    order, labels, correct, tracks = drawn_from(drawn, len(drawn), seed)
    rows = draw_right(labels, np.where(correct, labels, labels + 1), tracks, count, seed)
    assert rows.tolist() == [row for row in order.tolist() if correct[row]][:count]
