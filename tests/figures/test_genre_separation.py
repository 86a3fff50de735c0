from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from detune.explore.genre_separation import separate
from detune.figures.genre_separation import draw_separation, spread
from detune.figures.style import GENRES
from tests.tables import SEPARATING, table

pytestmark = pytest.mark.filterwarnings("error")


def test_separation_is_a_picture(check_picture) -> None:
    values, labels = table(10, 8)
    names = [f"feature{place}" for place in range(12)]
    check_picture(lambda path: draw_separation(separate(values, names, labels, list(GENRES)), path))


@pytest.mark.parametrize(("genres", "tracks"), [(3, 1), (2, 4), (1, 1)])
def test_separation_survives_few_tracks(genres: int, tracks: int, drawn) -> None:
    values, labels = table(genres, tracks)
    names = [f"feature{place}" for place in range(12)]
    titles = [f"genre{place}" for place in range(genres + 1)]
    drawn(lambda path: draw_separation(separate(values, names, labels, titles), path))


def test_separation_of_constant_features(drawn) -> None:
    labels = np.array([0, 0, 1, 2])
    drawn(lambda path: draw_separation(separate(np.ones((4, 2)), "ab", labels, "xyz"), path))


def test_separation_ranks_the_telling_feature_first(sketched) -> None:
    values, labels = table(4, 20)
    names = [f"feature{place}" for place in range(12)]
    genres = ["blues", "jazz", "pop", "rock", "empty"]
    plane, ranking = sketched(
        lambda path: draw_separation(separate(values, names, labels, genres), path)
    ).axes[:2]
    assert ranking.get_yticklabels()[0].get_text() == f"feature{SEPARATING}"
    means = ranking.images[0].get_array()
    assert (np.diff(means[0, :4]) > 0.5).all()
    assert means.mask[:, 4].all()
    assert len(plane.collections) == 4
    assert {text.get_text() for text in plane.texts} == set(genres[:4])
    assert to_hex(plane.collections[3].get_facecolor()[0]) == GENRES["rock"].color


def test_names_move_apart_only_where_they_overlap() -> None:
    places = np.array([[0.5, 0.5], [0.52, 0.5], [0.1, 0.9]])
    moved = spread(places, (0.1, 0.04))
    assert abs(moved[0, 1] - moved[1, 1]) >= 0.04
    np.testing.assert_array_equal(moved[2], places[2])
    np.testing.assert_array_equal(moved[:, 0], places[:, 0])
