from __future__ import annotations

import numpy as np
import pytest

from detune.explore.genre_separation import best_plane, f_statistics, separate, standardise
from tests.tables import SEPARATING, table


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


def test_the_ranking_begins_with_the_feature_of_the_highest_f() -> None:
    values, labels = table(4, 20)
    found = separate(values, [f"f{place}" for place in range(12)], labels, "abcd")
    assert found.features[found.ranking[0]] == f"f{SEPARATING}"
    assert list(found.strengths[found.ranking]) == sorted(found.strengths, reverse=True)


@pytest.mark.parametrize(("genres", "tracks"), [(3, 1), (2, 4), (1, 1)])
def test_few_tracks_have_a_plane_too(genres: int, tracks: int) -> None:
    values, labels = table(genres, tracks)
    assert np.isfinite(best_plane(standardise(values), labels).points).all()


def test_a_table_must_be_finite_and_of_the_right_shape() -> None:
    values, labels = table(2, 2)
    with pytest.raises(ValueError, match="3 features"):
        separate(values, "abc", labels, "ab")
    values[1, 1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        separate(values, ["f"] * 12, labels, "ab")
