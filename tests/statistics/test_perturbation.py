from __future__ import annotations

import numpy as np
import pytest

from detune.statistics.perturbation import signed_noise, sizes


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


def test_sizes_are_measured_by_hand() -> None:
    clean = np.full((2, 2, 2), 0.5)
    changed = clean + np.array([[[0.1, -0.2], [0, 0]], [[0.3, 0], [0, 0]]])
    measured = {name: values.tolist() for name, values in sizes(changed, clean).items()}
    assert measured == {
        "linf": pytest.approx([0.2, 0.3]),
        "l2": pytest.approx([np.sqrt(0.05), 0.3]),
        "lowest": pytest.approx([0.3, 0.5]),
        "highest": pytest.approx([0.6, 0.8]),
    }
