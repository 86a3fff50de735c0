from __future__ import annotations

from typing import Any

import librosa
import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.explore.features import FEATURE_COLUMNS, FEATURES, separate, track_features

PUBLISHED = (
    "filename,length,chroma_stft_mean,chroma_stft_var,rms_mean,rms_var,spectral_centroid_mean,"
    "spectral_centroid_var,spectral_bandwidth_mean,spectral_bandwidth_var,rolloff_mean,"
    "rolloff_var,zero_crossing_rate_mean,zero_crossing_rate_var,harmony_mean,harmony_var,"
    "perceptr_mean,perceptr_var,tempo,mfcc1_mean,mfcc1_var,mfcc2_mean,mfcc2_var,mfcc3_mean,"
    "mfcc3_var,mfcc4_mean,mfcc4_var,mfcc5_mean,mfcc5_var,mfcc6_mean,mfcc6_var,mfcc7_mean,"
    "mfcc7_var,mfcc8_mean,mfcc8_var,mfcc9_mean,mfcc9_var,mfcc10_mean,mfcc10_var,mfcc11_mean,"
    "mfcc11_var,mfcc12_mean,mfcc12_var,mfcc13_mean,mfcc13_var,mfcc14_mean,mfcc14_var,"
    "mfcc15_mean,mfcc15_var,mfcc16_mean,mfcc16_var,mfcc17_mean,mfcc17_var,mfcc18_mean,"
    "mfcc18_var,mfcc19_mean,mfcc19_var,mfcc20_mean,mfcc20_var,label"
)


def music(seconds: float = 5.0, beats: float = 120.0) -> np.ndarray:
    """A chord with noisy beats."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    chord = sum(np.sin(2 * np.pi * hertz * times) for hertz in (220.0, 277.2, 329.6))
    noise = np.random.default_rng(0).normal(size=times.size)
    return np.asarray(
        0.1 * chord + 0.3 * noise * np.exp(-12 * (times * beats / 60 % 1)), dtype=np.float32
    )


@pytest.fixture(scope="module")
def audio() -> np.ndarray:
    return music()


@pytest.fixture(scope="module")
def found(audio: np.ndarray) -> dict[str, float]:
    return track_features(audio)


@pytest.fixture(scope="module")
def by_librosa(audio: np.ndarray) -> dict[str, np.ndarray]:
    """Each descriptor as librosa computes it from the samples."""
    feature: dict[str, Any] = {"y": audio, "sr": SAMPLE_RATE}
    harmonic, percussive = librosa.effects.hpss(audio)
    descriptors = {
        "chroma_stft": librosa.feature.chroma_stft(**feature),
        "rms": librosa.feature.rms(y=audio),
        "spectral_centroid": librosa.feature.spectral_centroid(**feature),
        "spectral_bandwidth": librosa.feature.spectral_bandwidth(**feature),
        "rolloff": librosa.feature.spectral_rolloff(**feature),
        "zero_crossing_rate": librosa.feature.zero_crossing_rate(audio),
        "harmony": harmonic,
        "perceptr": percussive,
    }
    for number, row in enumerate(librosa.feature.mfcc(**feature, n_mfcc=20), start=1):
        descriptors[f"mfcc{number}"] = row
    return descriptors


def test_columns_are_those_of_the_published_table() -> None:
    assert ",".join(FEATURE_COLUMNS) == PUBLISHED
    assert len(FEATURES) == 57


def test_a_track_has_all_57_features_in_the_tables_order(found: dict[str, float]) -> None:
    assert tuple(found) == FEATURES
    assert all(type(value) is float for value in found.values())


@pytest.mark.parametrize("name", [name for name in FEATURES if name != "tempo"])
def test_a_feature_is_the_mean_or_variance_of_librosas_descriptor(
    name: str, found: dict[str, float], by_librosa: dict[str, np.ndarray]
) -> None:
    descriptor, _, moment = name.rpartition("_")
    values = by_librosa[descriptor].astype(np.float64)
    expected = values.mean() if moment == "mean" else values.var()
    assert found[name] == pytest.approx(expected, rel=2e-4, abs=1e-7)


@pytest.mark.parametrize("beats", [90.0, 120.0, 150.0])
def test_tempo_is_librosas_and_that_of_the_beats(beats: float) -> None:
    audio = music(8.0, beats)
    tempo = track_features(audio)["tempo"]
    assert tempo == pytest.approx(float(librosa.beat.beat_track(y=audio, sr=SAMPLE_RATE)[0][0]))
    assert tempo == pytest.approx(beats, rel=0.04)


@pytest.mark.parametrize("seconds", [0.5, 1.3, 5.0])
def test_harmonic_and_percussive_parts_are_librosas(seconds: float) -> None:
    audio = music(seconds)
    parts = separate(librosa.stft(audio, n_fft=2048, hop_length=512), audio.size)
    for part, expected in zip(parts, librosa.effects.hpss(audio), strict=True):
        assert part.shape == audio.shape
        assert np.abs(part - expected).max() < 1e-5
    assert np.abs(sum(parts) - audio).max() < 1e-4


def test_what_is_neither_harmonic_nor_percussive_is_shared_like_librosas() -> None:
    spectrum = np.zeros((1025, 60), dtype=np.complex64)
    spectrum[[100, 400, 900], [10, 30, 50]] = 5 + 2j
    expected = librosa.decompose.hpss(spectrum)
    for part, whole in zip(separate(spectrum, 30_000), expected, strict=True):
        by_librosa = librosa.istft(whole, hop_length=512, length=30_000)
        assert np.abs(by_librosa).max() > 1e-4
        assert np.abs(part - by_librosa).max() < 1e-7


def test_a_tone_is_harmonic_and_a_click_percussive(tone: Any) -> None:
    clicks = np.zeros(3 * SAMPLE_RATE, np.float32)
    clicks[5000::11_025] = 0.9
    steady = track_features(tone(3.0))
    struck = track_features(clicks)
    assert steady["harmony_var"] > 100 * steady["perceptr_var"]
    assert struck["perceptr_var"] > 10 * struck["harmony_var"]


@pytest.mark.filterwarnings("ignore:Trying to estimate tuning")
def test_what_does_not_pulse_has_no_tempo() -> None:
    silence = track_features(np.zeros(3 * SAMPLE_RATE, np.float32))
    assert silence["tempo"] == 0
    assert all(np.isfinite(value) for value in silence.values())
