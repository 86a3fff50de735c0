from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detune.gradcam.controls import mean_by_row, signed_noise, spread_rows, unrelated_pairs


def test_noise_has_the_size_asked_for_and_stays_in_range(segments: np.ndarray) -> None:
    rows = np.array([4, 9])
    noisy = signed_noise(segments[rows], 0.05, rows, 1)
    change = noisy - segments[rows]
    assert noisy.min() >= 0
    assert noisy.max() <= 1
    inner = (segments[rows] > 0.05) & (segments[rows] < 0.95)
    np.testing.assert_allclose(np.abs(change[inner]), 0.05, atol=1e-6)
    assert abs(np.sign(change[inner]).mean()) < 0.05


def test_noise_of_a_segment_does_not_depend_on_its_company(segments: np.ndarray) -> None:
    rows = np.array([4, 9])
    alone = signed_noise(segments[[9]], 0.05, np.array([9]), 1)
    assert np.array_equal(signed_noise(segments[rows], 0.05, rows, 1)[1], alone[0])
    assert not np.array_equal(signed_noise(segments[[9]], 0.05, np.array([9]), 2), alone)


@given(seed=st.integers(0, 99), genres=st.integers(1, 4), count=st.integers(1, 9))
def test_unrelated_segments_have_other_genres(seed: int, genres: int, count: int) -> None:
    labels = np.random.default_rng(seed).integers(genres, size=8)
    pairs = unrelated_pairs(labels, count, seed)
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
