from __future__ import annotations

import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.corruptions.room import impulse_response, reverberation
from tests.corruptions.materials import BEGIN, hiss, level_db, material


@pytest.mark.parametrize("seconds", [0.2, 1, 4])
def test_reflections_fall_by_60_db_in_that_time(seconds: float) -> None:
    """By Schroeder's integral, between 5 and 35 dB below its beginning (ISO 3382, T30)."""
    reflections = impulse_response(seconds)[1:]
    left = 10 * np.log10(np.cumsum(np.square(reflections)[::-1])[::-1])
    left -= left[0]
    fitted = (left < -5) & (left > -35)
    slope, _ = np.polyfit(np.flatnonzero(fitted) / SAMPLE_RATE, left[fitted], 1)
    assert -60 / slope == pytest.approx(seconds, rel=0.1)


def test_sound_and_reflections_are_equally_strong() -> None:
    response = impulse_response(1)
    assert response[0] == 1
    assert np.square(response[1:]).sum() == pytest.approx(1)


def test_a_segment_begins_with_the_reflections_of_what_was_before_it() -> None:
    before = hiss()
    before[BEGIN:] = 0
    heard = reverberation(material(before), 1)
    assert (
        level_db(heard[: SAMPLE_RATE // 2])
        > level_db(before[BEGIN - SAMPLE_RATE // 2 : BEGIN]) - 30
    )
    assert not np.abs(heard[2 * SAMPLE_RATE :]).max() > 1e-3


def test_the_room_is_the_same_for_all() -> None:
    one, other = (reverberation(material(hiss(), seed=seed), 0.5) for seed in (0, 1))
    np.testing.assert_array_equal(one, other)
