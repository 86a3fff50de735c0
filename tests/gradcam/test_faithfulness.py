from __future__ import annotations

import numpy as np
import pytest

from detune.gradcam.faithfulness import SHARES, Curves, band_levels, curves

SPOT = np.zeros((4, 16, 16))
SPOT[:, 3:6, 4:8] = 1
SEGMENTS = np.random.default_rng(0).uniform(0.5, 1, (4, 128, 130)).astype(np.float32)
LEVELS = np.zeros((128, 1), np.float32)
TARGETS = np.array([0, 1, 0, 1])


def spotted(segments: np.ndarray) -> np.ndarray:
    """Logits of a network that hears nothing but what lies under the spot."""
    heard = segments[:, 24:48, 33:65].mean(axis=(1, 2))
    return np.stack([heard, 2 * heard, 0 * heard], axis=1)


def measured(heatmaps: np.ndarray) -> Curves:
    return curves(spotted, SEGMENTS, heatmaps, TARGETS, LEVELS, seed=1)


def test_a_heatmap_of_what_counts_beats_the_same_elsewhere() -> None:
    found = measured(SPOT)
    assert (found.deletion_gain > 0).all()
    assert (found.insertion_gain > 0).all()


def test_a_heatmap_of_what_does_not_count_loses() -> None:
    found = measured(1 - SPOT)
    assert (found.deletion_gain < 0).all()
    assert (found.insertion_gain < 0).all()


def test_curves_lead_from_the_segment_to_nothing_and_back() -> None:
    found = measured(SPOT)
    rows = np.arange(4)
    whole, empty = spotted(SEGMENTS)[rows, TARGETS], np.zeros(4)
    for curve in (found.deletion, found.deletion_random):
        assert curve.shape == (4, len(SHARES))
        np.testing.assert_allclose(curve[:, [0, -1]].T, [whole, empty], atol=1e-6)
    for curve in (found.insertion, found.insertion_random):
        np.testing.assert_allclose(curve[:, [0, -1]].T, [empty, whole], atol=1e-6)


def test_each_share_removes_that_share_of_the_hottest() -> None:
    seen = []

    def watch(segments: np.ndarray) -> np.ndarray:
        seen.append((segments == 0).mean(axis=(1, 2)))
        return np.zeros((len(segments), 3))

    curves(watch, SEGMENTS, SPOT, TARGETS, LEVELS, seed=1)
    inner = SHARES[1:-1]
    for share, removed in zip(inner, seen[2 : 2 + len(inner)], strict=True):
        np.testing.assert_allclose(removed, share, atol=1e-3)


def test_the_gain_is_the_area_between_the_curves() -> None:
    flat = np.zeros((1, len(SHARES)))
    found = Curves(flat, flat + 2, flat + 3, flat)
    assert found.deletion_gain == pytest.approx(2)
    assert found.insertion_gain == pytest.approx(3)
    ramp = np.asarray([SHARES])
    assert Curves(flat, ramp, flat, flat).deletion_gain == pytest.approx(0.5)


def test_levels_are_the_mean_of_each_band() -> None:
    np.testing.assert_allclose(band_levels(SEGMENTS)[:, 0], SEGMENTS.mean(axis=(0, 2)), rtol=1e-5)


def test_no_heatmap_that_marks_anything_makes_empty_curves() -> None:
    none = curves(spotted, SEGMENTS[:0], SPOT[:0], TARGETS[:0], LEVELS, seed=1)
    assert {curve.shape for curve in vars(none).values()} == {(0, len(SHARES))}
    assert none.deletion_gain.shape == none.insertion_gain.shape == (0,)
