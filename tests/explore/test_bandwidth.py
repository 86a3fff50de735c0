from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import signal

from detune.audio.constants import SAMPLE_RATE
from detune.explore.bandwidth import bandwidth_hz

NOISE = np.random.default_rng(0).normal(size=4 * SAMPLE_RATE).astype(np.float32) / 10


def test_all_frequencies_are_heard_in_noise() -> None:
    assert bandwidth_hz(NOISE) == pytest.approx(SAMPLE_RATE / 2)


@pytest.mark.parametrize("hertz", [3000.0, 6000.0, 9000.0])
def test_what_a_codec_cuts_off_is_not_heard(hertz: float) -> None:
    cut = signal.sosfilt(signal.ellip(12, 0.1, 90, hertz, fs=SAMPLE_RATE, output="sos"), NOISE)
    for gain in (1.0, 0.01):
        assert bandwidth_hz((gain * cut).astype(np.float32)) == pytest.approx(hertz, abs=350)


def test_a_tone_reaches_up_to_its_pitch_and_silence_nowhere(tone: Any) -> None:
    assert bandwidth_hz(tone(3.0, 2000.0)) == pytest.approx(2000, abs=160)
    assert bandwidth_hz(np.zeros(3 * SAMPLE_RATE, np.float32)) == 0
    assert bandwidth_hz(NOISE[:500]) > 0
