from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate, fftconvolve

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES
from detune.corruptions.material import Material
from detune.corruptions.time_and_pitch import pitch, tempo
from detune.sound.segment_audio import Excerpt
from tests.corruptions.materials import BEGIN, LENGTH, TIMES, hiss, material, peak_hz, tone

BEAT = SAMPLE_RATE // 4


def beats() -> np.ndarray:
    """A short burst every quarter of a second."""
    return hiss() * np.exp(-40 * (TIMES % 0.25))


def distance(samples: np.ndarray) -> float:
    """Samples from one beat to the next, by autocorrelation of the level over four beats."""
    level = fftconvolve(np.square(samples), np.hanning(401), "same")
    level -= level.mean()
    alike = correlate(level, level, method="fft")[len(level) - 1 :]
    first = 7 * BEAT // 2
    return float(first + alike[first : 9 * BEAT // 2].argmax()) / 4


@pytest.mark.parametrize("percent", [-8, -2, 6, 12])
def test_tempo_moves_beats_together_and_leaves_the_pitch(percent: float) -> None:
    faster = tempo(material(beats()), percent)
    assert faster.shape == (SEGMENT_SAMPLES,)
    assert distance(faster) == pytest.approx(BEAT / (1 + percent / 100), rel=0.01)
    assert peak_hz(tempo(material(tone(440)), percent)) == pytest.approx(440, rel=0.002)


@pytest.mark.parametrize("percent", [-12, 12])
def test_the_middle_of_a_segment_stays_in_the_middle(percent: float) -> None:
    middle = BEGIN + SEGMENT_SAMPLES // 2
    burst = hiss() * (np.abs(np.arange(LENGTH) - middle) < 500)
    level = fftconvolve(np.square(tempo(material(burst), percent)), np.hanning(401), "same")
    assert abs(int(level.argmax()) - SEGMENT_SAMPLES // 2) < 1024


@pytest.mark.parametrize("begin", [0, round(0.45 * SAMPLE_RATE)])
def test_a_segment_at_an_end_of_its_track_is_filled(begin: int) -> None:
    samples = hiss()[: round(3.45 * SAMPLE_RATE)].astype(np.float32)
    given = Material(Excerpt(samples, begin), samples[:SEGMENT_SAMPLES], (0,))
    for percent in (-12, 15):
        assert tempo(given, percent).shape == (SEGMENT_SAMPLES,)
        assert np.abs(tempo(given, percent)[-500:]).max() > 0.01


@pytest.mark.parametrize("semitones", [-2, -0.25, 1, 2])
def test_pitch_moves_partials_and_leaves_the_tempo(semitones: float) -> None:
    higher = pitch(material(tone(440)), semitones)
    assert higher.shape == (SEGMENT_SAMPLES,)
    assert peak_hz(higher) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.002)
    # A phase vocoder smears beats over its frames of 93 ms.
    assert distance(pitch(material(beats()), semitones)) == pytest.approx(BEAT, rel=0.02)
