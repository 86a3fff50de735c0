from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.corruptions.noise import other_music, pink, pink_noise, white_noise
from detune.sound.level import snr_db
from tests.corruptions.materials import hiss, level_db, material, tone

Corrupt = Callable[[Any, Any], np.ndarray]


@pytest.mark.parametrize("corrupt", [white_noise, pink_noise, other_music])
@pytest.mark.parametrize("snr", [40, 10, 0, -5.5])
def test_it_is_as_loud_as_asked_for(corrupt: Corrupt, snr: float) -> None:
    given = material(tone(440))
    noisy = corrupt(given, snr)
    assert noisy.shape == given.segment.shape
    assert noisy.dtype == np.float32
    assert snr_db(given.segment[None], noisy[None])[0] == pytest.approx(snr, abs=0.01)


@pytest.mark.parametrize("corrupt", [white_noise, pink_noise])
def test_the_seed_decides_and_louder_noise_is_the_same_noise(corrupt: Corrupt) -> None:
    given, again, other = material(hiss()), material(hiss()), material(hiss(), seed=1)
    np.testing.assert_array_equal(corrupt(given, 20), corrupt(again, 20))
    assert np.abs(corrupt(given, 20) - corrupt(other, 20)).max() > 1e-3
    quiet, loud = (corrupt(given, snr) - given.segment for snr in (20, 0))
    np.testing.assert_allclose(loud, 10 * quiet, atol=1e-5)


def test_pink_noise_has_equal_power_in_every_octave() -> None:
    noise = pink(np.empty(30 * SAMPLE_RATE), np.random.default_rng(0))
    octaves = [level_db(noise, low, 2 * low) for low in (40, 80, 160, 320, 640, 1280, 2560, 5000)]
    assert np.ptp(octaves) < 1.0


def test_other_music_is_added_as_it_is() -> None:
    given = material(tone(440))
    added = other_music(given, 10) - given.segment
    assert np.corrcoef(added, given.other)[0, 1] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("corrupt", [white_noise, pink_noise, other_music])
def test_silence_stays_silent(corrupt: Corrupt) -> None:
    assert not corrupt(material(np.zeros(110_250)), 20).any()
