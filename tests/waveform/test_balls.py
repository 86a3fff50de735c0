from __future__ import annotations

import numpy as np
import pytest

from detune.sound.level import from_16_bit, radius, snr_db
from detune.sound.masking import masking_thresholds
from detune.sound.spectra import spectra
from detune.waveform.balls import Ball, SnrBall, masking_ball, noise_below, store_in_ball
from tests.sounding import chords

CLEAN = chords(3)
ROWS = np.arange(3)


@pytest.fixture(scope="module")
def thresholds() -> np.ndarray:
    return masking_thresholds(CLEAN)


@pytest.fixture(params=[60, 20, "masked"])
def ball(request: pytest.FixtureRequest, thresholds: np.ndarray) -> Ball:
    if request.param == "masked":
        return masking_ball(thresholds)
    return SnrBall(radius(CLEAN, request.param))


def walked(ball: Ball, steps: int) -> np.ndarray:
    """Where steps in one direction lead, from no change."""
    direction = np.random.default_rng(0).standard_normal(CLEAN.shape).astype(np.float32)
    change = np.zeros_like(CLEAN)
    for _ in range(steps):
        change = ball.step(change, direction, np.full(3, 0.4), ROWS)
    return change


def test_steps_reach_the_edge_of_the_ball_and_stay_in_it(ball: Ball) -> None:
    assert (ball.reach(walked(ball, 1), ROWS) < 0.7).all()
    reach = ball.reach(walked(ball, 4), ROWS)
    assert (reach > 0.7).all()
    assert (reach < 1.1).all()


def test_what_is_stored_is_in_the_ball_of_its_row(ball: Ball) -> None:
    change = 1.5 * walked(ball, 4)
    rows = np.array([2, 0])
    stored = store_in_ball(CLEAN[rows] + change[rows], CLEAN[rows], ball, rows)
    assert stored.dtype == np.int16
    reach = ball.reach(from_16_bit(stored) - CLEAN[rows], rows)
    assert (reach <= 1).all()
    assert (reach > 0.6).all()


def test_a_stored_change_keeps_its_signal_to_noise_ratio() -> None:
    ball = SnrBall(radius(CLEAN, 60))
    stored = store_in_ball(CLEAN + walked(ball, 4), CLEAN, ball, ROWS)
    ratio = snr_db(CLEAN, from_16_bit(stored))
    assert (ratio >= 60).all()
    assert (ratio < 60.5).all()


def test_no_point_of_a_masked_change_is_above_its_threshold(thresholds: np.ndarray) -> None:
    ball = masking_ball(thresholds)
    stored = store_in_ball(CLEAN + walked(ball, 4), CLEAN, ball, ROWS)
    assert (np.abs(spectra(from_16_bit(stored) - CLEAN)) <= thresholds).all()


def test_noise_below_masking_is_as_loud_as_the_ball_allows(thresholds: np.ndarray) -> None:
    ball = masking_ball(thresholds)
    noisy = noise_below(ball, CLEAN, [(0, 0), (0, 1), (0, 2)])
    reach = ball.reach(noisy - CLEAN, ROWS)
    assert (reach > 0.5).all()
    assert (reach < 1.2).all()
    again = noise_below(masking_ball(thresholds[1:2]), CLEAN[1:2], [(0, 1)])
    assert np.array_equal(again[0], noisy[1])
