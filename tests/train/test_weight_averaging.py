from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.train.weight_averaging import RunningAverage


def average(values: list[float], keep: float) -> list[float]:
    found, state = RunningAverage(keep), []
    for value in values:
        found.add([np.array([value]), np.array([[-value]])])
        assert found.arrays[1][0, 0] == -found.arrays[0][0]
        state.append(float(found.arrays[0][0]))
    assert found.steps == len(values)
    return state


VALUES = st.lists(st.floats(-100, 100), min_size=1, max_size=30)


@given(values=VALUES)
def test_without_an_average_the_latest_counts(values: list[float]) -> None:
    assert average(values, 0.0) == values


@given(values=VALUES, keep=st.floats(0, 0.999))
def test_an_average_lies_among_what_it_has_seen(values: list[float], keep: float) -> None:
    for number, value in enumerate(average(values, keep), start=1):
        assert min(values[:number]) - 1e-9 <= value <= max(values[:number]) + 1e-9


def test_a_step_takes_its_share_and_the_first_ones_more() -> None:
    state = average([0.0] * 5 + [1.0], 0.99)
    assert state[-1] == pytest.approx(1 - 6 / 15)
    late = average([0.0] * 2000 + [1.0], 0.99)
    assert late[-1] == pytest.approx(0.01)


def test_what_was_handed_out_does_not_change() -> None:
    found = RunningAverage(0.5)
    found.add([np.zeros(2)])
    before = found.arrays
    found.add([np.ones(2)])
    assert before[0].tolist() == [0, 0]
