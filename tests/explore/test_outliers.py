from __future__ import annotations

import numpy as np
import pytest

from detune.explore.outliers import OUTLIER_SCORE, robust_scores


def test_scores_are_standard_deviations_of_normal_values() -> None:
    values = np.random.default_rng(0).normal(5.0, 2.0, 20_000)
    assert robust_scores(values.tolist(), 0.1) == pytest.approx((values - 5.0) / 2.0, abs=0.1)


def test_outliers_do_not_hide_each_other() -> None:
    scores = robust_scores([*np.linspace(-1, 1, 21), 50.0, 60.0, 70.0], 0.1)
    assert (scores[-3:] > 10 * OUTLIER_SCORE).all()
    assert (np.abs(scores[:-3]) < OUTLIER_SCORE).all()


def test_where_all_agree_a_small_difference_is_none() -> None:
    assert robust_scores([7.0] * 9 + [7.5], 1.0).tolist() == [0.0] * 9 + [0.5]
