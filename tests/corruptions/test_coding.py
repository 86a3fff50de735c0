from __future__ import annotations

import numpy as np
import pytest

from detune.corruptions.coding import encoded, mp3
from detune.params.severities import BIT_RATES
from tests.corruptions.materials import LENGTH, TIMES, hiss, level_db, material, tone


@pytest.mark.parametrize("kilobits", BIT_RATES)
def test_the_file_has_the_bit_rate_asked_for(kilobits: int) -> None:
    size = 8 * len(encoded(hiss().astype(np.float32), kilobits))
    # A frame for the encoder's notes, and the last one filled up.
    assert size / TIMES[-1] / 1000 == pytest.approx(kilobits, rel=0.03)


@pytest.mark.parametrize("kilobits", BIT_RATES)
def test_the_segment_stays_in_its_place(kilobits: int) -> None:
    given = material(tone(300) * (np.arange(LENGTH) // 5000 % 2))
    decoded = mp3(given, kilobits)
    assert decoded.shape == given.segment.shape
    lags = range(-30, 31)
    alike = [np.dot(np.roll(decoded, lag)[50:-50], given.segment[50:-50]) for lag in lags]
    assert lags[int(np.argmax(alike))] == 0


def test_low_rates_lose_what_is_high_and_high_ones_little() -> None:
    given = material(sum(tone(330 * partial, 0.3 / partial) for partial in range(1, 25)))
    lost = {rate: level_db(mp3(given, rate) - given.segment) for rate in (8, 32, 128)}
    assert lost[8] > lost[32] > lost[128]
    noise = material(hiss())
    assert level_db(mp3(noise, 8), 5000) < level_db(noise.segment, 5000) - 30
    sine = material(tone(440))
    # LAME makes everything 0.45 dB quieter first.
    assert level_db(mp3(sine, 128) - 0.95 * sine.segment) < level_db(sine.segment) - 40
