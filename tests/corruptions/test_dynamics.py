from __future__ import annotations

import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.corruptions.dynamics import clipping, compression, gain
from tests.corruptions.materials import BEGIN, hiss, level_db, material, tone


def test_gain_changes_the_level_and_nothing_else_but_by_rounding() -> None:
    given = material(hiss())
    quieter = gain(given, -12)
    np.testing.assert_allclose(quieter, given.segment * 10 ** (-12 / 20), atol=0.51 / 32768)
    steps = quieter * 32768
    np.testing.assert_array_equal(steps, np.rint(steps))
    assert np.abs(gain(given, 40)).max() <= 1.0


def test_clipping_cuts_so_far_below_the_peak() -> None:
    given = material(hiss())
    limit = np.abs(given.segment).max() * 10 ** (-12 / 20)
    clipped = clipping(given, 12)
    assert np.abs(clipped).max() == pytest.approx(limit)
    inside = np.abs(given.segment) <= limit
    np.testing.assert_array_equal(clipped[inside], given.segment[inside])
    assert not inside.all()


@pytest.mark.parametrize("ratio", [1, 2, 8])
def test_compression_divides_differences_of_level_by_its_ratio(ratio: float) -> None:
    steps = np.where(np.arange(110_250) < BEGIN + 1.5 * SAMPLE_RATE, 1.0, 0.1)
    given = material(tone(1000) * steps)
    compressed = compression(given, ratio)
    half = SAMPLE_RATE
    loud, soft = compressed[:half], compressed[-half:]
    assert level_db(loud) - level_db(soft) == pytest.approx(20 / ratio, abs=0.3)


def test_compression_leaves_what_is_far_below_the_loudest_place() -> None:
    steps = np.where(np.arange(110_250) < BEGIN, 1.0, 0.01)
    given = material(tone(1000) * steps)
    np.testing.assert_allclose(
        compression(given, 8)[SAMPLE_RATE:], given.segment[SAMPLE_RATE:], atol=1e-6
    )
