from __future__ import annotations

import numpy as np

from detune.noise import signed_noise


def test_noise_has_the_size_asked_for_and_stays_in_range(segments: np.ndarray) -> None:
    some = segments[[4, 9]]
    noisy = signed_noise(some, 0.05, [(1, 4), (1, 9)])
    change = noisy - some
    assert noisy.min() >= 0
    assert noisy.max() <= 1
    inner = (some > 0.05) & (some < 0.95)
    np.testing.assert_allclose(np.abs(change[inner]), 0.05, atol=1e-6)
    assert abs(np.sign(change[inner]).mean()) < 0.05


def test_noise_of_a_segment_does_not_depend_on_its_company(segments: np.ndarray) -> None:
    alone = signed_noise(segments[[9]], 0.05, [(1, 9)])
    assert np.array_equal(signed_noise(segments[[4, 9]], 0.05, [(1, 4), (1, 9)])[1], alone[0])
    assert not np.array_equal(signed_noise(segments[[9]], 0.05, [(2, 9)]), alone)
