from __future__ import annotations

import numpy as np

from detune.audio.mel import mel_power
from detune.audio.mel_filters import mel_filters
from detune.sound.spectra import samples_of, spectra
from tests.sounding import chords


def test_samples_come_back_from_their_spectra() -> None:
    sounds = chords(2)
    assert np.abs(samples_of(spectra(sounds)) - sounds).max() < 1e-6


def test_frames_are_those_of_spectrograms() -> None:
    sound = chords(1)[0]
    power = mel_filters() @ np.abs(spectra(sound)) ** 2
    np.testing.assert_allclose(power, mel_power(sound), rtol=1e-3, atol=1e-6)
