from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from detune.audio.level import level_dbfs


@pytest.mark.parametrize("peak", [1.0, 0.5, 0.001])
def test_the_level_of_a_sine_is_3_db_below_its_peak(peak: float, tone: Any) -> None:
    expected = 20 * math.log10(peak / math.sqrt(2))
    assert level_dbfs(tone(1.0, 441.0, peak=peak)) == pytest.approx(expected, abs=1e-3)


def test_the_level_of_silence_is_minus_infinity() -> None:
    assert level_dbfs(np.zeros(10, np.float32)) == -math.inf


@pytest.mark.parametrize("offset", [0.25, -1.0])
def test_an_offset_that_never_changes_is_no_sound(offset: float, tone: Any) -> None:
    assert level_dbfs(np.full(1_000, offset, np.float32)) == -math.inf
    quiet = tone(1.0, peak=1e-3)
    assert level_dbfs(quiet + np.float32(offset)) == pytest.approx(level_dbfs(quiet), abs=0.01)
