from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.attack.stall_detection import FIRST, WINDOW, StallDetector
from detune.statistics.scores import margins

STEPS = 20


def stopped_at(path: list[float], factor: float, reach: int = 0) -> int | None:
    """The step at which a segment whose margins take this path is stopped."""
    detector = StallDetector(3, STEPS, reach, factor)
    for taken, margin in enumerate(path[:STEPS]):
        rows, count = np.array([1]), np.array([taken])
        if detector.stalled(rows, count, np.array([margin]))[0]:
            return taken
    return None


def test_a_margin_is_the_lead_over_the_best_other_genre() -> None:
    logits = np.array([[3.0, 1.0, 2.5], [3.0, 1.0, 2.5], [0.0, -1.0, 0.0]])
    assert margins(logits, np.array([0, 1, 2])).tolist() == [0.5, -2.0, 0.0]


@given(
    logits=st.lists(
        st.lists(st.floats(-50, 50), min_size=4, max_size=4), min_size=1, max_size=9
    ).map(np.array)
)
def test_a_segment_with_a_positive_margin_is_right_and_with_a_negative_one_wrong(
    logits: np.ndarray,
) -> None:
    labels = np.arange(len(logits)) % 4
    found, right = margins(logits, labels), logits.argmax(axis=1) == labels
    assert right[found > 0].all()
    assert not right[found < 0].any()


@pytest.mark.parametrize("reach", [0, 10, 99])
def test_what_stands_still_is_stopped_once_there_is_a_pace(reach: int) -> None:
    assert stopped_at([5.0] * STEPS, 3.0, reach) == FIRST


def test_on_the_way_to_the_edge_only_the_rest_of_the_way_counts() -> None:
    # Falls by 1 a step: after step 2 there are 8 to the edge and 2 beyond, 3 times 10 at that pace.
    stalling = [33.0 - step for step in range(STEPS)]
    assert stopped_at(stalling, 3.0, reach=10) == FIRST
    assert stopped_at([31.0 - step for step in range(STEPS)], 3.0, reach=10) == 3
    # At the edge from the start, it keeps its hope until few steps are left.
    assert stopped_at(stalling, 3.0) == 14
    # No step beyond the last one counts.
    assert stopped_at([52.0 - step for step in range(STEPS)], 3.0, reach=99) == 5


def test_at_the_edge_the_latest_pace_counts_for_all_the_steps_left() -> None:
    # Fast to the edge, after which it stands still: the pace fades within a window.
    path = [16.5 - 1.5 * min(step, 10) for step in range(STEPS)]
    assert stopped_at(path, 2.0, reach=10) == 10 + WINDOW


def test_what_falls_fast_enough_is_never_stopped() -> None:
    assert stopped_at([STEPS - step + 0.1 for step in range(STEPS)], 1.5) is None


def test_what_slows_down_is_stopped_when_the_factor_no_longer_bridges_the_rest() -> None:
    path = list(10 * 0.8 ** np.arange(STEPS) + 6)
    stops = [stopped_at(path, factor) for factor in (1.0, 3.0, 10.0)]
    assert stops == sorted(stops)  # type: ignore[type-var]
    assert len(set(stops)) > 1


def test_an_increase_is_no_pace_and_the_lowest_margin_counts() -> None:
    # Down to 1 and up again: the margin that counts stays 1, and stands still.
    assert stopped_at([9, 5, 1, 4, 4, 4, 4, 4, 4, 4], 3.0) == WINDOW + 2
    assert stopped_at([9, 5, 5.5, 6, 5.5], 0.5, reach=4) == FIRST


def test_a_factor_of_0_stops_nothing_early() -> None:
    assert stopped_at([5.0] * STEPS, 0.0) is None


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_segments_do_not_depend_on_each_other(factor: float) -> None:
    paths = np.random.default_rng(0).uniform(0, 9, (4, STEPS)).cumsum(axis=1)[:, ::-1]
    alone = [stopped_at(list(path), factor, 8) for path in paths]
    detector = StallDetector(4, STEPS, 8, factor)
    together: list[int | None] = [None] * 4
    for step in range(STEPS):
        stalled = detector.stalled(np.arange(4), np.full(4, step), paths[:, step])
        for row in np.flatnonzero(stalled):
            together[row] = step if together[row] is None else together[row]
    assert together == alone
