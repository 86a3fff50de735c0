from __future__ import annotations

import numpy as np

from detune.explore.separation import best_plane, f_statistics, standardise
from tests.tables import table


def test_f_agrees_with_the_reference() -> None:
    from sklearn.feature_selection import f_classif  # noqa: PLC0415

    values, labels = table(5, 7)
    expected = f_classif(values[:, 1:], labels)[0]
    np.testing.assert_allclose(f_statistics(standardise(values), labels)[1:], expected)
    assert f_statistics(standardise(values), labels)[0] == 0.0


def test_f_is_infinite_without_variance_inside_the_genres() -> None:
    labels = np.array([0, 0, 1, 1])
    assert f_statistics(standardise(labels[:, np.newaxis]), labels)[0] == np.inf


def test_the_plane_finds_the_direction_that_separates() -> None:
    values, labels = table(5, 30)
    plane = best_plane(standardise(values), labels)
    assert plane.names[0] == "discriminant 1"
    assert plane.shares[0] > 0.9
    assert abs(np.corrcoef(plane.points[:, 0], labels)[0, 1]) > 0.98


def test_standardised_features_have_mean_zero_and_deviation_one() -> None:
    scores = standardise(table(3, 5)[0])
    np.testing.assert_allclose(scores.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(scores.std(axis=0)[1:], 1.0)
    assert not scores[:, 0].any()
