from __future__ import annotations

import numpy as np
import pytest

from detune.audio.constants import FFT_SIZE, SAMPLE_RATE, SEGMENT_SAMPLES
from detune.sound.masking import LOWEST, masking_thresholds
from detune.sound.spectra import spectra

HERTZ = 1000.0


@pytest.fixture(scope="module")
def tone_thresholds() -> tuple[np.ndarray, np.ndarray]:
    """A loud tone of 1 kHz, then silence; its spectrum and thresholds `(1025, 130)`."""
    times = np.arange(SEGMENT_SAMPLES) / SAMPLE_RATE
    tone = (0.5 * np.sin(2 * np.pi * HERTZ * times) * (times < 1.5)).astype(np.float32)
    return np.abs(spectra(tone)), masking_thresholds(tone[None])[0]


def test_a_tone_masks_what_is_near_it_and_less_what_is_far(tone_thresholds) -> None:
    magnitude, threshold = tone_thresholds
    frame = 30
    at = round(HERTZ / SAMPLE_RATE * FFT_SIZE)
    below = 20 * np.log10(threshold[:, frame] / magnitude[at, frame])
    assert -25 < below[at] < -5
    assert below[at] > below[at + 20] > below[at + 100]
    assert below[at] > below[at - 20]


def test_silence_masks_nothing_but_hearing_has_a_threshold(tone_thresholds) -> None:
    _, threshold = tone_thresholds
    bin_of_3_khz = round(3000 / SAMPLE_RATE * FFT_SIZE)
    assert threshold[bin_of_3_khz, 120] < threshold[bin_of_3_khz, 30]
    assert (threshold > 0).all()
    assert (threshold[:LOWEST] == threshold[LOWEST]).all()
