from __future__ import annotations

import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.sound.changes import amplified, resampled, stored

RNG = np.random.default_rng(0)
SOUND = RNG.uniform(-0.5, 0.5, 10_001).astype(np.float32)


def test_a_file_keeps_half_a_step_and_clips() -> None:
    assert np.abs(stored(SOUND) - SOUND).max() <= 0.5 / 32_768
    assert stored(np.float32([2, -2])).tolist() == [32_767 / 32_768, -1]


@pytest.mark.parametrize("decibels", [-20, -3, 3])
def test_a_gain_is_what_it_says(decibels: float) -> None:
    ratio = np.square(amplified(SOUND, decibels)).mean() / np.square(SOUND).mean()
    assert 10 * np.log10(ratio) == pytest.approx(decibels, abs=0.01)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_another_rate_keeps_length_and_what_lies_below_half_of_it(rate: float) -> None:
    seconds = np.arange(10_001) / SAMPLE_RATE
    low, high = (np.sin(2 * np.pi * hertz * seconds) for hertz in (1_000, 0.55 * rate))
    inner = slice(1_000, -1_000)
    assert len(resampled(low, rate)) == len(low)
    np.testing.assert_allclose(resampled(low, rate)[inner], low[inner], atol=1e-3)
    if rate < SAMPLE_RATE:
        assert np.abs(resampled(high, rate)[inner]).max() < 1e-2
