from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detune.corpus.recording import MEDIA, PEAK, Recording, draw_recording, record

RATE = 22_050
PLAIN = Recording(
    level_db=-20.0,
    left=0.5,
    tilt_db=0.0,
    room_seconds=0.2,
    room_share=0.0,
    low_hz=20.0,
    high_hz=20_000.0,
    hiss_db=-100.0,
    drive=0.0,
    hum_hz=0.0,
    crackle=False,
)


def noise(seconds: float = 2.0) -> npt.NDArray[np.float32]:
    rng = np.random.default_rng(0)
    return rng.normal(0, 0.1, size=(int(seconds * RATE), 2)).astype(np.float32)


def recorded(recording: Recording, sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return record(sound, recording, len(sound), RATE, np.random.default_rng(1))


def band(mono: npt.NDArray[np.float32], low: float, high: float) -> float:
    """Level of a band in dB."""
    power = np.abs(np.fft.rfft(mono)) ** 2
    frequencies = np.fft.rfftfreq(len(mono), 1 / RATE)
    return float(10 * np.log10(power[(frequencies >= low) & (frequencies < high)].mean()))


def test_the_level_is_the_one_asked_for() -> None:
    mono = recorded(PLAIN, noise())
    assert 20 * np.log10(np.sqrt(np.mean(mono**2))) == pytest.approx(-20.0, abs=0.1)


def test_band_limits_take_away_bass_and_treble() -> None:
    full = recorded(PLAIN, noise())
    radio = recorded(replace(PLAIN, low_hz=200.0, high_hz=5000.0), noise())
    assert band(radio, 7000, 9000) < band(full, 7000, 9000) - 15
    assert band(radio, 20, 80) < band(full, 20, 80) - 10


def test_tilt_lifts_the_treble_over_the_bass() -> None:
    bright = recorded(replace(PLAIN, tilt_db=6.0), noise())
    plain = recorded(PLAIN, noise())
    lift = band(bright, 6000, 9000) - band(bright, 50, 200)
    assert lift - (band(plain, 6000, 9000) - band(plain, 50, 200)) == pytest.approx(6, abs=1)


def test_a_room_sounds_on_after_the_music() -> None:
    sound = noise()
    sound[RATE:] = 0
    dry, wet = recorded(PLAIN, sound), recorded(replace(PLAIN, room_share=0.3), sound)
    after = slice(RATE + 500, RATE + 2000)
    assert np.std(wet[after]) > 20 * np.std(dry[after])


def test_hiss_hum_and_clicks_are_heard_in_silence() -> None:
    sound = noise()
    sound[RATE:] = 0
    silence = slice(RATE + 4000, None)
    plain = recorded(PLAIN, sound)[silence]
    hiss = recorded(replace(PLAIN, hiss_db=-40.0), sound)[silence]
    hum = recorded(replace(PLAIN, hiss_db=-60.0, hum_hz=50.0), sound)[silence]
    clicks = recorded(replace(PLAIN, crackle=True), sound)[silence]
    assert np.std(hiss) > 100 * np.std(plain)
    assert band(hum, 48, 52) > band(hum, 70, 90) + 10
    assert np.abs(clicks).max() > 20 * np.std(hiss)


def test_saturation_flattens_the_peaks() -> None:
    def crest(mono: npt.NDArray[np.float32]) -> float:
        return float(np.abs(mono).max() / np.std(mono))

    assert crest(recorded(replace(PLAIN, drive=1.5), noise())) < 0.7 * crest(
        recorded(PLAIN, noise())
    )


def test_the_fold_down_weighs_the_channels() -> None:
    sound = noise()
    sound[:, 1] = 0
    sound[RATE:, 1], sound[RATE:, 0] = sound[RATE:, 0], 0
    mono = recorded(replace(PLAIN, left=0.8), sound)
    assert np.std(mono[:RATE]) / np.std(mono[RATE:]) == pytest.approx(4.0, rel=0.05)


def test_a_level_that_would_clip_is_lowered_to_the_peak() -> None:
    sound = np.zeros((RATE, 2), dtype=np.float32)
    sound[::5000] = 1.0
    assert np.abs(recorded(PLAIN, sound)).max() == pytest.approx(PEAK, abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 1), st.sampled_from([0.0, 1e-4, 1.0, 30.0]))
def test_no_recording_clips(seed: int, age: float, gain: float) -> None:
    rng = np.random.default_rng(seed)
    sound = noise(0.7) * np.float32(gain)
    mono = record(sound, draw_recording(age, rng), RATE, RATE, rng)
    assert mono.shape == (RATE,)
    assert mono.dtype == np.float32
    assert np.isfinite(mono).all()
    assert 0 < np.abs(mono).max() < 1


def test_old_genres_come_on_old_media_more_often() -> None:
    def old(age: float) -> int:
        takes = [draw_recording(age, np.random.default_rng(seed)) for seed in range(400)]
        return sum(take.crackle or take.high_hz < MEDIA["compressed"].high_hz[0] for take in takes)

    assert old(1.0) > 1.3 * old(0.0) > 0
