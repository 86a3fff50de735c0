from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detune.estimates import estimate
from detune.scores import bootstrap_interval

TRACKS = [f"t{number // 3}" for number in range(12)]


def test_the_mean_of_what_is_known_with_the_house_s_interval() -> None:
    values = np.arange(12.0)
    values[3:6] = np.nan
    found = estimate(values, TRACKS, seed=1)
    known = np.isfinite(values)
    songs = [track for track, is_known in zip(TRACKS, known, strict=True) if is_known]
    assert found is not None
    assert (found.segments, found.songs) == (9, 3)
    assert found.value == np.nanmean(values)
    assert (found.low, found.high) == bootstrap_interval(values[known], songs, seed=1)
    assert str(found).startswith(f"{found.value:.2f} (")


def test_nothing_known_is_no_estimate() -> None:
    assert estimate(np.full(12, np.nan), TRACKS, seed=1) is None


@given(seed=st.integers(0, 99))
def test_the_interval_holds_the_mean_of_equal_songs(seed: int) -> None:
    values = np.repeat(np.random.default_rng(seed).normal(size=4), 3)
    found = estimate(values, TRACKS, seed=seed)
    assert found is not None
    assert found.low <= found.value <= found.high
