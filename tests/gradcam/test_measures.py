from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from detune.gradcam.measures import MEASURES, WINDOW, compare, entropy, overlap, spearman, ssim

BANDS = 128 / 16
SECONDS = 130 * 512 / 22_050 / 16


def heatmaps(seed: int, count: int = 5, shape: tuple[int, int] = (16, 16)) -> np.ndarray:
    values = np.random.default_rng(seed).random((count, *shape), dtype=np.float32)
    return np.maximum(values - 0.3, 0) / 0.7


def spot(row: int, column: int) -> np.ndarray:
    found = np.zeros((1, 16, 16), np.float32)
    found[0, row, column] = 1
    return found


@given(seed=st.integers(0, 999))
def test_a_heatmap_is_as_its_own_self(seed: int) -> None:
    maps = heatmaps(seed)
    found = compare(maps, maps)
    for name in ("spearman", "overlap", "ssim"):
        np.testing.assert_allclose(found[name], 1, atol=1e-9)
    for name in ("shift_seconds", "shift_bands", "rise_bands", "entropy_change"):
        np.testing.assert_allclose(found[name], 0, atol=1e-9)


@given(seed=st.integers(0, 999))
def test_order_matters_only_to_what_has_a_direction(seed: int) -> None:
    before, after = heatmaps(seed), heatmaps(seed + 1000)
    forth, back = compare(before, after), compare(after, before)
    for name in MEASURES:
        sign = -1 if name in ("rise_bands", "entropy_change") else 1
        np.testing.assert_allclose(forth[name], sign * back[name], atol=1e-9)


def test_rank_correlation_is_that_of_scipy_ties_included() -> None:
    before, after = heatmaps(1), heatmaps(2)
    expected = [
        spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(before, after, strict=True)
    ]
    np.testing.assert_allclose(spearman(before, after), expected)


def test_overlap_counts_the_hottest_fifth_that_has_heat() -> None:
    before, after = np.zeros((2, 2, 5, 5), np.float32)
    before[:, 0] = after[:, 0] = [5, 4, 3, 2, 1]
    after[1, 1] = [9, 8, 7, 6, 5]
    before[0, 0, 2:] = 0  # two cells with heat, of five that could count
    np.testing.assert_allclose(overlap(before, after), [2 / 5, 1 / 9])


def test_structure_is_compared_window_by_window() -> None:
    before, after = heatmaps(3, 2), heatmaps(4, 2)
    for x, y, found in zip(before, after, ssim(before, after), strict=True):
        local = []
        for row in range(16 - WINDOW + 1):
            for column in range(16 - WINDOW + 1):
                window = np.s_[row : row + WINDOW, column : column + WINDOW]
                a, b = x[window].astype(float).ravel(), y[window].astype(float).ravel()
                (var_a, both), (_, var_b) = np.cov(a, b)
                means = 2 * a.mean() * b.mean() + 1e-4, a.mean() ** 2 + b.mean() ** 2 + 1e-4
                local.append(means[0] * (2 * both + 9e-4) / (means[1] * (var_a + var_b + 9e-4)))
        assert found == pytest.approx(np.mean(local), abs=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (4, 4), (128, 130)])
def test_any_grid_does(shape: tuple[int, int]) -> None:
    maps = heatmaps(5, 2, shape) + 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare(maps, maps[:, ::-1])
    assert all(values.shape == (2,) for values in found.values())
    assert np.isfinite(found["ssim"]).all()


def test_the_centre_moves_by_seconds_and_mel_bands() -> None:
    found = compare(spot(2, 3), spot(7, 1))
    assert found["shift_bands"] == pytest.approx(5 * BANDS)
    assert found["rise_bands"] == pytest.approx(5 * BANDS)
    assert found["shift_seconds"] == pytest.approx(2 * SECONDS)
    assert compare(spot(7, 1), spot(2, 3))["rise_bands"] == pytest.approx(-5 * BANDS)


def test_entropy_reaches_from_one_cell_to_all() -> None:
    assert entropy(spot(1, 1)) == pytest.approx(0)
    assert entropy(np.ones((1, 16, 16))) == pytest.approx(1)
    assert compare(spot(0, 0), np.ones((1, 16, 16)))["entropy_change"] == pytest.approx(1)


def test_a_pair_with_an_empty_heatmap_says_nothing() -> None:
    before, after = heatmaps(6, 3), heatmaps(7, 3)
    before[0], after[2] = 0, 0
    for values in compare(before, after).values():
        assert np.isnan(values).tolist() == [True, False, True]


def test_a_flat_heatmap_has_no_order() -> None:
    assert np.isnan(spearman(np.ones((1, 4, 4)), heatmaps(1, 1, (4, 4)))).all()
