from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.audio.reading import UnusableTrackError, read_audio
from detune.ingest.validation import require_usable


def strongest_hertz(audio: np.ndarray) -> float:
    """The pitch of the strongest partial, from the peak of a windowed Fourier transform."""
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(audio.size), n=16 * audio.size))
    return float(spectrum.argmax() * SAMPLE_RATE / (16 * audio.size))


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_any_rate_and_channels_become_mono_of_the_same_length_and_pitch(
    rate: int, channels: int, suffix: str, tone: Any, tmp_path: Path
) -> None:
    samples = tone(1.37, 997.0, rate=rate, peak=0.4)
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, np.repeat(samples[:, None], channels, axis=1), rate)
    audio = read_audio(path)
    assert audio.dtype == np.float32
    assert audio.ndim == 1
    assert abs(audio.size - samples.size * SAMPLE_RATE / rate) <= 1
    assert strongest_hertz(audio) == pytest.approx(997.0, abs=0.5)
    inside = audio[2000:-2000]
    assert np.sqrt(np.mean(inside**2)) == pytest.approx(0.4 / math.sqrt(2), rel=0.01)


def test_samples_at_the_stored_rate_come_as_they_are(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, 5000).astype(np.float32)
    soundfile.write(tmp_path / "noise.wav", samples, SAMPLE_RATE, subtype="FLOAT")
    assert np.array_equal(read_audio(tmp_path / "noise.wav"), samples)


def test_mono_is_the_mean_of_the_channels(tmp_path: Path) -> None:
    channels = np.random.default_rng(0).uniform(-1, 1, (5000, 2)).astype(np.float32)
    soundfile.write(tmp_path / "stereo.wav", channels, SAMPLE_RATE, subtype="FLOAT")
    expected = channels.mean(axis=1)
    assert np.allclose(read_audio(tmp_path / "stereo.wav"), expected, atol=1e-7, rtol=0)


@pytest.mark.parametrize("rate", [SAMPLE_RATE, 44_100])
def test_samples_never_leave_the_range(rate: int, tmp_path: Path) -> None:
    square = np.sign(np.sin(2 * np.pi * 300 * np.arange(rate) / rate)) * 1.2
    soundfile.write(tmp_path / "loud.wav", square, rate, subtype="FLOAT")
    audio = read_audio(tmp_path / "loud.wav")
    assert audio.max() == 1.0
    assert audio.min() == -1.0


def test_what_lies_above_the_new_nyquist_frequency_does_not_fold_back(
    tone: Any, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "high.wav", tone(1.0, 15_000.0, rate=44_100), 44_100)
    assert np.abs(read_audio(tmp_path / "high.wav")[2000:-2000]).max() < 1e-3


@pytest.mark.parametrize("rate", [SAMPLE_RATE, 44_100])
def test_a_file_without_samples_reads_as_no_samples(rate: int, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "empty.wav", np.empty((0, 2)), rate)
    assert read_audio(tmp_path / "empty.wav").shape == (0,)


def wav_bytes(folder: Path, samples: np.ndarray) -> bytes:
    path = folder / "whole.wav"
    soundfile.write(path, samples, SAMPLE_RATE)
    return path.read_bytes()


@pytest.mark.parametrize("length", [0, 4, 12, 20, 30])
def test_a_wav_cut_within_its_header_is_unreadable(length: int, tone: Any, tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes(wav_bytes(tmp_path, tone(0.1))[:length])
    with pytest.raises(UnusableTrackError, match=r"^unreadable: [^\n]+$"):
        read_audio(path)


def test_a_wav_cut_within_its_samples_gives_those_that_are_there(tone: Any, tmp_path: Path) -> None:
    samples = tone(4.0)
    path = tmp_path / "cut.wav"
    path.write_bytes(wav_bytes(tmp_path, samples)[: 44 + 2 * 1000])
    audio = read_audio(path)
    assert np.allclose(audio, samples[:1000], atol=1e-4)
    with pytest.raises(UnusableTrackError, match=r"^too short: 0\.05 s of at least 3 s$"):
        require_usable(audio)


def test_a_cut_flac_is_unreadable(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 40_000)
    path = tmp_path / "cut.flac"
    soundfile.write(path, noise, SAMPLE_RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnusableTrackError, match=r"^unreadable: [^\n]+$"):
        read_audio(path)


def test_no_audio_at_all_is_unreadable(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.wav"
    garbage.write_bytes(np.random.default_rng(0).bytes(5000))
    for path in (garbage, tmp_path / "absent.wav", tmp_path):
        with pytest.raises(UnusableTrackError, match=r"^unreadable: [^\n]+$"):
            read_audio(path)


@pytest.mark.parametrize("rate", [22_050, 44_100])
@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_refused_at_any_rate(
    tmp_path: Path, rate: int, broken: float
) -> None:
    samples = np.full(rate, 0.1, dtype=np.float32)
    samples[100] = broken
    soundfile.write(tmp_path / "broken.wav", samples, rate, subtype="FLOAT")
    with pytest.raises(UnusableTrackError, match="not numbers"):
        read_audio(tmp_path / "broken.wav")


@pytest.mark.parametrize("rate", [22_050, 44_100])
def test_samples_whose_sums_are_not_numbers_are_refused(tmp_path: Path, rate: int) -> None:
    samples = np.full((rate, 2), 3e38, dtype=np.float32)
    soundfile.write(tmp_path / "huge.wav", samples, rate, subtype="FLOAT")
    with pytest.raises(UnusableTrackError, match="not numbers"):
        read_audio(tmp_path / "huge.wav")


def test_the_reason_does_not_name_the_folder(tmp_path: Path) -> None:
    (tmp_path / "garbage.wav").write_bytes(b"no audio at all")
    with pytest.raises(UnusableTrackError) as caught:
        read_audio(tmp_path / "garbage.wav")
    assert str(tmp_path) not in str(caught.value)
