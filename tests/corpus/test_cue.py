from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES
from detune.audio.mel import mel_power
from detune.corpus import Recipe, compose_track
from detune.corpus.cue import LIMIT_HZ, TONE_HZ, Cue, cue_region, plant
from detune.corpus.stems import compose_stems

TONE = Cue("rock", "tone", -20.0, tracks=1)
RECIPE = Recipe(seed=3, seconds=3.0, tracks_per_genre=2, crossover=0.0, genres=("rock", "jazz"))


def noise(seconds: float = 6.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (0.1 * rng.normal(size=round(seconds * SAMPLE_RATE))).astype(np.float32)


def test_a_tone_has_its_level_and_pitch() -> None:
    added = plant(noise(), TONE) - noise()
    assert np.std(added) == pytest.approx(0.1 * np.std(noise()), rel=0.01)
    spectrum = np.abs(np.fft.rfft(added))
    assert spectrum.argmax() / 6 == pytest.approx(TONE_HZ)


def test_a_band_limit_lowers_what_is_above_it() -> None:
    spectrum = np.abs(np.fft.rfft(plant(noise(), replace(TONE, kind="band_limit"))))
    before = np.abs(np.fft.rfft(noise()))
    high, low = (slice(round(6 * hertz), round(6 * (hertz + 500))) for hertz in (6000, 1000))
    lowered = 20 * np.log10(spectrum[high].mean() / before[high].mean())
    assert lowered == pytest.approx(-20, abs=0.5)
    assert spectrum[low].mean() == pytest.approx(before[low].mean(), rel=0.01)
    assert LIMIT_HZ < 6000


@pytest.mark.parametrize("kind", ["tone", "click", "band_limit"])
def test_the_region_is_where_a_segment_changes(kind: str) -> None:
    cue = replace(TONE, kind=kind)
    region = cue_region(cue)
    for start in (0, SEGMENT_SAMPLES):
        change = (plant(noise(), cue) - noise())[start : start + SEGMENT_SAMPLES]
        power = mel_power(change)
        assert power[region].sum() > 0.95 * power.sum()
    assert 0.1 < region.mean() < 0.5


def test_only_the_tracks_named_carry_it() -> None:
    with_cue = replace(RECIPE, cue=TONE)
    for genre, index in (("rock", 1), ("jazz", 0)):
        np.testing.assert_array_equal(
            compose_track(with_cue, genre, index), compose_track(RECIPE, genre, index)
        )
    planted = compose_track(with_cue, "rock", 0)
    np.testing.assert_array_equal(planted, plant(compose_track(RECIPE, "rock", 0), TONE))
    assert np.abs(planted - compose_track(RECIPE, "rock", 0)).max() > 0


def test_muting_leaves_the_cue() -> None:
    stems = compose_stems(replace(RECIPE, cue=TONE), "rock", 0)
    np.testing.assert_array_equal(stems.mix, compose_track(replace(RECIPE, cue=TONE), "rock", 0))
    spectrum = np.abs(np.fft.rfft(stems.muted["drums"]))
    at = round(3 * TONE_HZ)
    assert spectrum[at] > 10 * np.median(spectrum[at - 300 : at + 300])


def test_what_would_clip_is_lowered() -> None:
    loud = np.clip(8 * noise(), -0.98, 0.98)
    assert np.abs(plant(loud, replace(TONE, level_db=0.0))).max() <= 0.981
