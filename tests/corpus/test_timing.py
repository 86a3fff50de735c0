import numpy as np
import pytest

from detune.corpus.notation import Rhythm
from detune.corpus.timing import Clock, draw_clock


def test_straight_beats_are_even() -> None:
    clock = Clock(tempo=120.0)
    assert [clock.seconds(beat / 4) for beat in range(9)] == pytest.approx(np.arange(9) / 8)


def test_swing_delays_the_off_beat_and_leaves_the_beat() -> None:
    clock = Clock(tempo=60.0, swing=2 / 3)
    assert clock.seconds(5.0) == pytest.approx(5.0)
    assert clock.seconds(5.25) == pytest.approx(5 + 1 / 3)
    assert clock.seconds(5.5) == pytest.approx(5 + 2 / 3)
    assert clock.seconds(5.75) == pytest.approx(5 + 5 / 6)
    assert clock.seconds(5.5, triplet=True) == pytest.approx(5.5)


def test_swung_sixteenths_leave_the_eighths() -> None:
    clock = Clock(tempo=60.0, swing=0.6, swing_beats=0.5)
    assert clock.seconds(1.5) == pytest.approx(1.5)
    assert clock.seconds(1.25) == pytest.approx(1.3)


def test_rubato_ebbs_and_flows_but_never_turns_back() -> None:
    clock = Clock(tempo=60.0, rubato=0.06)
    steps = np.diff([clock.seconds(beat / 4) for beat in range(128)])
    assert steps.min() > 0.2
    assert steps.max() - steps.min() > 0.02
    assert clock.seconds(32.0) == pytest.approx(32.0)


def test_players_are_at_most_two_deviations_off() -> None:
    rng = np.random.default_rng(0)
    times = [Clock(tempo=60.0, looseness=0.01).played(1.0, rng) for _ in range(500)]
    assert 0.005 < np.std(times) < 0.011
    assert np.abs(np.array(times) - 1.0).max() <= 0.02 + 1e-12


def test_the_clock_is_drawn_within_the_ranges_of_the_rhythm() -> None:
    rhythm = Rhythm(tempo=(90.0, 100.0), grooves=(), swing=(0.6, 0.7), swing_beats=0.5)
    for seed in range(50):
        clock = draw_clock(rhythm, np.random.default_rng(seed))
        assert 90.0 <= clock.tempo <= 100.0
        assert 0.6 <= clock.swing <= 0.7
        assert clock.swing_beats == 0.5
