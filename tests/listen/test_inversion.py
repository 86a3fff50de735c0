from __future__ import annotations

import numpy as np

from detune.audio.mel_filters import mel_filters
from detune.listen.inversion import filtered, refined, spread_over_bins
from detune.sound.front_end import to_segments
from tests.sounding import chords

SOUNDS = chords(2)


def test_a_change_of_all_bands_alike_is_that_gain() -> None:
    louder = filtered(SOUNDS, np.full((2, 128, 130), 6.0))
    gain = np.float32(10 ** (6 / 20))
    # Bins below and above all filters stay as they are.
    assert np.abs(louder - gain * SOUNDS).max() < 0.01 * np.abs(SOUNDS).max()


def test_a_bin_gets_the_weighted_mean_of_its_bands() -> None:
    bands = np.random.default_rng(0).uniform(-3, 3, (1, 128, 2))
    spread = spread_over_bins(bands)
    filters = mel_filters()
    for one in (5, 100, 700):
        weights = filters[:, one]
        np.testing.assert_allclose(spread[0, one], weights @ bands[0] / weights.sum(), rtol=1e-4)
    assert (spread[0, filters.sum(axis=0) == 0] == 0).all()


def test_refinement_comes_closer_to_the_segment_asked_for() -> None:
    clean = to_segments(SOUNDS)
    patches = np.random.default_rng(0).uniform(-0.05, 0.05, (2, 8, 13))
    change = np.kron(patches, np.ones((1, 16, 10)))
    wanted = np.clip(clean + change, 0, 1).astype(np.float32)
    first = filtered(SOUNDS, 80 * (wanted - clean))

    def miss(sounds: np.ndarray) -> np.ndarray:
        return np.sqrt(np.square(to_segments(sounds) - wanted).mean(axis=(1, 2)))

    assert (miss(refined(first, wanted, 20)) < 0.9 * miss(first)).all()
    assert np.array_equal(refined(first, wanted, 0), first)
