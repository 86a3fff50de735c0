from __future__ import annotations

import numpy as np
import pytest

from detune.audio.constants import HOP
from detune.listen.treatments import TREATMENTS, treated
from detune.sound.level import snr_db
from tests.sounding import chords

SOUND = chords(1)[0]
EXPECTED_SNR = {
    "16 bit": (90, np.inf),
    "MP3 128 kbit/s": (10, 60),
    "OGG 100 kbit/s": (10, 60),
    "44.1 kHz and back": (30, 200),
}


@pytest.mark.parametrize("name", EXPECTED_SNR)
def test_a_treatment_leaves_a_sound_of_as_many_samples_in_place(name: str) -> None:
    changed = TREATMENTS[name](SOUND)
    assert changed.shape == SOUND.shape
    low, high = EXPECTED_SNR[name]
    assert low < snr_db(SOUND[None], changed[None])[0] <= high


def test_a_shift_moves_all_samples_by_half_a_hop() -> None:
    shifted = TREATMENTS["half a hop later"](SOUND)
    assert np.array_equal(shifted[HOP // 2 :], SOUND[: -HOP // 2])
    assert not shifted[: HOP // 2].any()


def test_3_db_less_are_3_db_less() -> None:
    quieter = TREATMENTS["-3 dB"](SOUND)
    change = 10 * np.log10(np.square(quieter).mean() / np.square(SOUND).mean())
    assert change == pytest.approx(-3, abs=0.01)


def test_every_sound_gets_every_treatment() -> None:
    sounds = chords(2)
    found = treated(sounds)
    assert list(found) == list(TREATMENTS)
    assert np.array_equal(found["half a hop later"][1], TREATMENTS["half a hop later"](sounds[1]))
