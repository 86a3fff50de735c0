from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES
from detune.audio.segments import segment_starts


@given(samples=st.integers(SEGMENT_SAMPLES, 20 * SEGMENT_SAMPLES), count=st.integers(1, 25))
def test_segments_lie_within_the_track_and_never_are_too_many(samples: int, count: int) -> None:
    starts = segment_starts(samples, count)
    assert 1 <= len(starts) <= count
    assert starts[0] == 0
    # No padding: each segment is whole.
    assert starts[-1] + SEGMENT_SAMPLES <= samples
    steps = np.diff(starts)
    # They overlap by at most half of one segment, shared out over the gaps, and leave no gap.
    assert (steps <= SEGMENT_SAMPLES).all()
    missing = len(starts) * SEGMENT_SAMPLES - samples
    assert missing <= SEGMENT_SAMPLES / 2
    if missing <= 0:
        assert (steps == SEGMENT_SAMPLES).all()
    else:
        assert starts[-1] + SEGMENT_SAMPLES == samples
        assert np.ptp(steps) <= 1
    # No other segment would have fitted.
    assert len(starts) == count or samples < (len(starts) + 0.5) * SEGMENT_SAMPLES + 1


@pytest.mark.parametrize(
    ("seconds", "count", "expected"),
    [
        (30.0, 10, 10),
        (29.9, 10, 10),
        (30.7, 10, 10),
        (30.7, 20, 10),
        (28.4, 10, 9),
        (28.6, 10, 10),
        (3.0, 10, 1),
        (4.4, 10, 1),
        (4.6, 10, 2),
        (4.6, 1, 1),
        (600.0, 10, 10),
    ],
)
def test_how_many_segments_a_track_has(seconds: float, count: int, expected: int) -> None:
    assert len(segment_starts(round(seconds * SAMPLE_RATE), count)) == expected


def test_a_track_shorter_than_a_segment_has_none() -> None:
    with pytest.raises(ValueError, match="shorter than a segment"):
        segment_starts(SEGMENT_SAMPLES - 1, 10)
