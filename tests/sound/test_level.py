from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from detune.sound.level import from_16_bit, radius, snr_db, to_16_bit
from tests.sounding import chords


@pytest.mark.parametrize("snr", [60, 20, 0, -10])
def test_a_change_as_long_as_the_radius_has_that_ratio(snr: float) -> None:
    clean = chords(2).astype(np.float64)
    noise = np.random.default_rng(0).standard_normal(clean.shape)
    noise *= (radius(clean, snr) / np.linalg.norm(noise, axis=1))[:, None]
    np.testing.assert_allclose(snr_db(clean, clean + noise), snr, atol=1e-9)


def test_no_change_has_no_noise_and_silence_no_signal() -> None:
    clean = np.array([[0.5, 0.1], [0.0, 0.0]])
    assert snr_db(clean, clean).tolist() == [np.inf, np.inf]
    assert snr_db(clean, clean + 0.1)[1] == -np.inf


@given(arrays(np.int16, 7))
def test_16_bit_samples_come_back_as_they_were(stored: np.ndarray) -> None:
    samples = from_16_bit(stored)
    assert samples.dtype == np.float32
    assert np.abs(samples).max() <= 1
    assert np.array_equal(to_16_bit(samples), stored)


@given(st.floats(-3, 3))
def test_rounding_moves_a_sample_by_half_a_step_and_clips(sample: float) -> None:
    again = float(from_16_bit(to_16_bit(np.array([sample])))[0])
    assert abs(again - min(max(sample, -1), 1)) <= 1 / 32768
