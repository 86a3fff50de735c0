from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detune.gradcam.sampling import mean_by_row, other_class_pairs, spread_rows


@given(seed=st.integers(0, 99), genres=st.integers(1, 4), count=st.integers(1, 9))
def test_unrelated_segments_have_other_genres(seed: int, genres: int, count: int) -> None:
    labels = np.random.default_rng(seed).integers(genres, size=8)
    pairs = other_class_pairs(labels, count, seed)
    assert pairs.shape[1] == 2
    assert (labels[pairs[:, 0]] != labels[pairs[:, 1]]).all()
    assert len({tuple(pair) for pair in pairs}) == len(pairs)
    for row, label in enumerate(labels):
        assert (pairs[:, 0] == row).sum() == min(count, (labels != label).sum())


def test_means_by_row_leave_out_what_is_not_known() -> None:
    values = np.array([1.0, 3.0, np.nan, np.nan, 5.0])
    found = mean_by_row(values, np.array([0, 0, 0, 1, 3]), 4)
    np.testing.assert_array_equal(found, [2.0, np.nan, np.nan, 5.0])


@given(seed=st.integers(0, 99), count=st.integers(0, 40))
def test_a_sample_is_spread_over_genres_and_songs(seed: int, count: int) -> None:
    order = np.random.default_rng(seed).permutation(30)
    labels, songs = order % 30 // 10, order % 30 // 5
    rows = spread_rows(labels, [str(song) for song in songs], count)
    assert len(set(rows)) == len(rows) == min(count, 30)
    assert (np.diff(rows) > 0).all()
    sizes = np.bincount(labels[rows], minlength=3)
    assert sizes.max() - sizes.min() <= 1
    if count >= 6:
        assert set(songs[rows]) == set(range(6))
