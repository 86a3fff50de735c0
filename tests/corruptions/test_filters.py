from __future__ import annotations

import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.corruptions.filters import band_pass, low_pass, resampling
from tests.corruptions.materials import hiss, level_db, material, tone


def loss(corrupted: np.ndarray, clean: np.ndarray) -> float:
    """By how much it is quieter, dB."""
    return level_db(clean) - level_db(corrupted)


@pytest.mark.parametrize("cutoff", [500, 2000, 8000])
@pytest.mark.parametrize("part", [0.5, 1.0, 1.2])
def test_low_pass_is_a_butterworth_filter_of_eighth_order(cutoff: float, part: float) -> None:
    """Half the power at its cutoff, 48 dB an octave; more near half the sample rate."""
    given = material(tone(part * cutoff))
    warped = [np.tan(np.pi * hertz / SAMPLE_RATE) for hertz in (part * cutoff, cutoff)]
    expected = 10 * np.log10(1 + (warped[0] / warped[1]) ** 16)
    assert loss(low_pass(given, cutoff), given.segment) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("band", [(300, 3400), (100, 5000)])
def test_band_pass_halves_the_power_at_both_edges(band: tuple[float, float]) -> None:
    for edge, further in zip(band, (band[0] / 2, 1.5 * band[1]), strict=True):
        at, beyond = material(tone(edge)), material(tone(further))
        assert loss(band_pass(at, band), at.segment) == pytest.approx(3.0, abs=0.2)
        assert loss(band_pass(beyond, band), beyond.segment) > 20
    middle = material(tone(1000))
    assert loss(band_pass(middle, band), middle.segment) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("rate", [16_000, 11_025, 4000])
def test_resampling_keeps_what_lies_below_half_of_the_rate(rate: float) -> None:
    given = material(hiss())
    back = resampling(given, rate)
    assert back.shape == given.segment.shape
    assert level_db(back, 0.55 * rate) < level_db(given.segment, 0.55 * rate) - 60
    difference = level_db(back - given.segment, 0, 0.4 * rate)
    assert difference < level_db(given.segment, 0, 0.4 * rate) - 40


def test_a_rate_that_does_not_divide_keeps_the_length() -> None:
    assert resampling(material(hiss()), 5512).shape == (66_150,)
