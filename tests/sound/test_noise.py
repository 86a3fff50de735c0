from __future__ import annotations

import numpy as np
import pytest

from detune.sound.level import snr_db
from detune.sound.noise import KINDS, with_noise
from tests.sounding import chords


@pytest.mark.parametrize("kind", KINDS)
def test_noise_is_as_loud_as_told_and_the_segments_own(kind: str) -> None:
    clean = 0.3 * chords(3)
    noisy = with_noise(clean, 20, kind, [(1, row) for row in range(3)])
    np.testing.assert_allclose(snr_db(clean, noisy), 20, atol=0.01)
    alone = with_noise(clean[2:], 20, kind, [(1, 2)])
    assert np.array_equal(alone[0], noisy[2])
    assert not np.allclose(noisy[0] - clean[0], noisy[1] - clean[1])


def test_shaped_noise_has_the_spectrum_of_the_sound_and_white_noise_a_flat_one() -> None:
    clean = chords(1)
    powers = {
        kind: np.abs(np.fft.rfft((with_noise(clean, 20, kind, [(0,)]) - clean)[0])) ** 2
        for kind in KINDS
    }
    low, high = (slice(100, 12_000), slice(20_000, 33_000))
    assert powers["shaped"][low].mean() > 50 * powers["shaped"][high].mean()
    assert 0.9 < powers["white"][low].mean() / powers["white"][high].mean() < 1.1
