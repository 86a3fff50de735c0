from __future__ import annotations

from typing import Any

import librosa
import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES, SHAPE
from detune.audio.mel import mel_decibels
from detune.audio.segments import cut_segments, segment_starts


def music(seconds: float, seed: int = 0) -> np.ndarray:
    """A chirp under noise that swells: every segment differs."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.random.default_rng(seed).normal(size=times.size)
    sweep = 0.3 * np.sin(2 * np.pi * (200 + 150 * times) * times)
    return np.asarray(sweep + 0.02 * (1 + times) * noise, dtype=np.float32)


def test_values_are_librosas_mel_spectrogram_in_db_between_its_extremes() -> None:
    audio = music(7.6)
    cut = cut_segments(audio, 10)
    starts = np.round(cut.start_seconds * SAMPLE_RATE).astype(int)
    assert list(starts) == list(segment_starts(audio.size, 10))
    assert len(starts) == 3
    assert cut.values.shape == (3, *SHAPE)
    assert cut.values.dtype == np.float32
    for number, at in enumerate(starts):
        part = audio[at : at + 66_150]
        power = librosa.feature.melspectrogram(
            y=part, sr=22_050, n_fft=2048, hop_length=512, n_mels=128
        )
        decibels = librosa.power_to_db(power, ref=np.max)
        by_hand = (decibels - decibels.min()) / (decibels.max() - decibels.min())
        assert np.abs(cut.values[number] - by_hand).max() < 1e-5
        assert cut.db_min[number] == pytest.approx(decibels.min(), abs=1e-4)
        assert cut.db_max[number] == pytest.approx(decibels.max(), abs=1e-4)


TIMES = np.arange(SEGMENT_SAMPLES) / SAMPLE_RATE
HARD = {
    "pure tone": 0.9 * np.sin(2 * np.pi * 440 * TIMES),
    "tone over faint noise": np.sin(2 * np.pi * 440 * TIMES)
    + 1e-5 * np.random.default_rng(1).normal(size=TIMES.size),
    "square wave": 0.9 * np.sign(np.sin(2 * np.pi * 100 * TIMES)),
    "impulse": (np.arange(TIMES.size) == 30_000).astype(float),
    "offset": np.full(TIMES.size, 0.9),
    "fading": np.exp(-5 * TIMES) * np.random.default_rng(2).normal(size=TIMES.size),
    "very quiet": 1e-4 * np.sin(2 * np.pi * 1000 * TIMES),
}


@pytest.mark.parametrize("name", HARD)
def test_values_are_librosas_where_rounding_would_show(name: str) -> None:
    audio = HARD[name].astype(np.float32)
    power = librosa.feature.melspectrogram(
        y=audio, sr=22_050, n_fft=2048, hop_length=512, n_mels=128
    )
    decibels = librosa.power_to_db(power, ref=np.max)
    by_hand = (decibels - decibels.min()) / (decibels.max() - decibels.min())
    assert np.abs(cut_segments(audio, 1).values[0] - by_hand).max() < 1e-4


def test_each_segment_is_scaled_for_itself_to_the_whole_range() -> None:
    cut = cut_segments(music(9.0), 10)
    assert (cut.values.min(axis=(1, 2)) == 0).all()
    assert (cut.values.max(axis=(1, 2)) == 1).all()
    assert (cut.db_max == 0).all()
    assert (cut.db_min >= -80).all()
    assert len(set(cut.db_min)) == 3


def test_a_segment_is_the_same_whatever_surrounds_it() -> None:
    audio = music(9.0)
    alone = cut_segments(audio[SEGMENT_SAMPLES : 2 * SEGMENT_SAMPLES], 1)
    assert np.array_equal(cut_segments(audio, 10).values[1], alone.values[0])


@pytest.mark.parametrize("gain", [0.1, 2.0])
def test_values_do_not_depend_on_the_gain(gain: float) -> None:
    audio = music(3.0)
    quiet = cut_segments((gain * audio).astype(np.float32), 1)
    assert np.abs(quiet.values - cut_segments(audio, 1).values).max() < 1e-3


def test_low_bands_come_first_and_early_frames_first(tone: Any) -> None:
    audio = np.concatenate([tone(1.5, 200.0), tone(1.5, 6000.0)])
    loudest = cut_segments(audio, 1).values[0].argmax(axis=0)
    assert loudest[20] < 20
    assert loudest[110] > 80


def test_a_silent_segment_is_all_zero_and_has_no_range(tone: Any) -> None:
    audio = np.concatenate([tone(3.0), np.zeros(SEGMENT_SAMPLES, np.float32)])
    cut = cut_segments(audio, 2)
    assert cut.values[0].any()
    assert not cut.values[1].any()
    assert cut.db_min[1] == cut.db_max[1]
    assert np.isfinite(cut.values).all()


@pytest.mark.parametrize("samples", [2048, 66_150, 100_000])
def test_the_spectrogram_of_a_track_spans_80_db_below_its_loudest_point(samples: int) -> None:
    decibels = mel_decibels(music(5.0)[:samples])
    assert decibels.shape == (128, 1 + samples // 512)
    assert decibels.dtype == np.float32
    assert decibels.max() == 0
    assert decibels.min() >= -80
