from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.statistics.bootstrap import Bootstrap

TRACKS = [f"t{number // 3}" for number in range(12)]


def test_the_mean_of_what_is_known_with_the_house_s_interval() -> None:
    values = np.arange(12.0)
    values[3:6] = np.nan
    found = Bootstrap(TRACKS, 1).estimate(values)
    known = np.isfinite(values)
    songs = [track for track, is_known in zip(TRACKS, known, strict=True) if is_known]
    assert found is not None
    assert (found.segments, found.songs) == (9, 3)
    assert found.value == np.nanmean(values)
    assert (found.low, found.high) == Bootstrap(songs, 1).interval(values[known])
    assert str(found).startswith(f"{found.value:.2f} (")


def test_nothing_known_is_no_estimate() -> None:
    assert Bootstrap(TRACKS, 1).estimate(np.full(12, np.nan)) is None


@given(seed=st.integers(0, 99))
def test_the_interval_holds_the_mean_of_equal_songs(seed: int) -> None:
    values = np.repeat(np.random.default_rng(seed).normal(size=4), 3)
    found = Bootstrap(TRACKS, seed).estimate(values)
    assert found is not None
    assert found.low <= found.value <= found.high


RIGHT_BY_SONG = st.lists(st.lists(st.booleans(), min_size=1, max_size=10), min_size=2, max_size=30)


def interval(right: np.ndarray, tracks: list[str], seed: int) -> tuple[float, float]:
    return Bootstrap(tracks, seed).interval(right)


def flat(songs: list[list[bool]]) -> tuple[np.ndarray, list[str]]:
    """Segments and the track of each."""
    tracks = [f"t{number}" for number, song in enumerate(songs) for _ in song]
    return np.concatenate(songs).astype(bool), tracks


@given(songs=RIGHT_BY_SONG, seed=st.integers(0, 99))
def test_the_interval_holds_the_accuracy_within_what_is_possible(
    songs: list[list[bool]], seed: int
) -> None:
    right, tracks = flat(songs)
    low, high = Bootstrap(tracks, seed).interval(right)
    assert 0 <= low <= right.mean() + 1e-12
    assert right.mean() - 1e-12 <= high <= 1
    assert Bootstrap(tracks, seed).interval(right) == (low, high)


@pytest.mark.parametrize("value", [True, False])
def test_the_interval_has_no_width_where_all_songs_agree(value: bool) -> None:
    right, tracks = flat([[value] * 5] * 8)
    assert Bootstrap(tracks, 0).interval(right) == (float(value), float(value))
    # One song has nothing to be exchanged for.
    assert Bootstrap(["a", "a"], 0).interval(np.array([True, False])) == (0.5, 0.5)


def test_the_interval_is_wider_with_fewer_songs() -> None:
    widths = [
        np.diff(interval(*flat([[True] * 5, [False] * 5] * pairs), 1))[0] for pairs in (10, 40, 160)
    ]
    # Four times the songs halve it.
    assert widths[0] > 1.6 * widths[1] > 1.6**2 * widths[2] > 0


def test_songs_are_drawn_and_not_segments() -> None:
    alike, mixed = flat([[True] * 20, [False] * 20] * 5), flat([[True, False] * 10] * 10)
    assert alike[0].mean() == mixed[0].mean() == 0.5
    assert np.diff(interval(*alike, 0)) > 0.3
    assert np.diff(interval(*mixed, 0)) == 0


def test_the_interval_is_that_of_the_binomial_for_songs_of_one_segment() -> None:
    right, tracks = flat([[True]] * 70 + [[False]] * 30)
    spread = 1.96 * math.sqrt(0.7 * 0.3 / 100)
    low, high = Bootstrap(tracks, 5).interval(right)
    assert low == pytest.approx(0.7 - spread, abs=0.015)
    assert high == pytest.approx(0.7 + spread, abs=0.015)


def test_a_lower_level_is_a_narrower_interval() -> None:
    right, tracks = flat([[True], [False], [True]] * 10)
    wide = Bootstrap(tracks, 0).interval(right, level=0.95)
    narrow = Bootstrap(tracks, 0).interval(right, level=0.5)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_an_accuracy_comes_with_the_ends_of_its_interval() -> None:
    right, tracks = np.array([True, True, False]), ["a", "b", "c"]
    low, high = Bootstrap(tracks, 3).interval(right)
    assert Bootstrap(tracks, 3).share("song", right) == {
        "song": pytest.approx(2 / 3),
        "song_low": low,
        "song_high": high,
    }


def test_a_sample_keeps_the_songs_of_its_rows() -> None:
    whole = Bootstrap(["a", "a", "b", "c"], 5)
    assert whole.at(np.array([3, 0])) == Bootstrap(["c", "a"], 5)


def test_the_p_value_counts_signs_of_songs_by_hand() -> None:
    # Five songs that all fall: of 32 signs two give as large a mean.
    songs = [song for song in "abcde" for _ in range(4)]
    falls = Bootstrap(songs, 1).sign_flip_p(-np.ones(20))
    assert falls == pytest.approx(2 / 32, abs=0.01)
    assert Bootstrap(songs, 1).sign_flip_p(np.zeros(20)) == 1
    assert Bootstrap(songs, 1).sign_flip_p(np.tile([1.0, -1.0], 10)) == 1
