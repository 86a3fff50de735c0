from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from detune.explore.separation import best_plane, standardise
from detune.figures.exploration import (
    draw_counts,
    draw_genre_example,
    draw_separation,
    spread,
)
from detune.figures.style import GENRES
from tests.tables import TELLING, table

pytestmark = pytest.mark.filterwarnings("error")
RNG = np.random.default_rng(0)
COUNTS = {"blues": 3, "jazz": 0, "a$b$": 2}
DURATIONS = {"blues": [30.0, 30.0, 12.0], "a$b$": [29.0, 31.0]}
LEVELS = {"blues": [-20.0, -18.0, -25.0], "jazz": [], "a$b$": [-9.0, -11.0]}


def test_counts_are_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_counts(COUNTS, DURATIONS, LEVELS, path))


def test_counts_are_bars_in_the_genres_colours(sketched) -> None:
    tracks, seconds, loudness = sketched(
        lambda path: draw_counts(COUNTS, DURATIONS, LEVELS, path)
    ).axes
    assert [bar.get_width() for bar in tracks.patches] == [3, 0, 2]
    assert to_hex(tracks.patches[0].get_facecolor()) == GENRES["blues"].color
    assert [label.get_text() for label in tracks.get_yticklabels()] == list(COUNTS)
    for ax, values in ((seconds, DURATIONS), (loudness, LEVELS)):
        np.testing.assert_allclose(ax.collections[0].get_offsets()[:, 0], values["blues"])
        assert len(ax.collections) == 2


def test_counts_without_tracks(drawn) -> None:
    drawn(lambda path: draw_counts({"blues": 0}, {}, {}, path))


AUDIO = np.sin(np.arange(22050 * 2) / 20).astype(np.float32)
DECIBELS = RNG.uniform(-100, 0, (128, 87))


def test_an_example_is_a_picture(check_picture) -> None:
    check_picture(
        lambda path: draw_genre_example("rock", "r.1", AUDIO, DECIBELS, path, sample_rate=22050)
    )


def test_an_example_shares_its_seconds(drawn) -> None:
    figure = drawn(
        lambda path: draw_genre_example("rock", "r.1", AUDIO, DECIBELS, path, sample_rate=22050)
    )
    above, below = figure.axes[:2]
    assert above.get_xlim() == below.get_xlim() == (0.0, 2.0)
    assert above.get_position().x0 == pytest.approx(below.get_position().x0)
    assert above.get_position().x1 == pytest.approx(below.get_position().x1)
    assert above.get_position().y0 > below.get_position().y1
    low, high = below.images[0].get_clim()
    assert (low, high) == (DECIBELS.max() - 80, DECIBELS.max())


@pytest.mark.parametrize("samples", [1, 700])
def test_an_example_of_silence(samples: int, drawn) -> None:
    drawn(
        lambda path: draw_genre_example(
            "x", "y", np.zeros(samples), np.full((128, 2), -80.0), path, sample_rate=22050
        )
    )


def test_an_example_needs_samples(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="r has 0 samples"):
        draw_genre_example("rock", "r", AUDIO[:0], DECIBELS, tmp_path / "a.png", sample_rate=22050)


def test_separation_is_a_picture(check_picture) -> None:
    values, labels = table(10, 8)
    names = [f"feature{place}" for place in range(12)]
    check_picture(lambda path: draw_separation(values, names, labels, list(GENRES), path))


@pytest.mark.parametrize(("genres", "tracks"), [(3, 1), (2, 4), (1, 1)])
def test_separation_survives_few_tracks(genres: int, tracks: int, drawn) -> None:
    values, labels = table(genres, tracks)
    names = [f"feature{place}" for place in range(12)]
    titles = [f"genre{place}" for place in range(genres + 1)]
    drawn(lambda path: draw_separation(values, names, labels, titles, path))
    assert np.isfinite(best_plane(standardise(values), labels).points).all()


def test_separation_of_constant_features(drawn) -> None:
    labels = np.array([0, 0, 1, 2])
    drawn(lambda path: draw_separation(np.ones((4, 2)), "ab", labels, "xyz", path))


def test_separation_ranks_the_telling_feature_first(sketched) -> None:
    values, labels = table(4, 20)
    names = [f"feature{place}" for place in range(12)]
    genres = ["blues", "jazz", "pop", "rock", "empty"]
    plane, ranking = sketched(
        lambda path: draw_separation(values, names, labels, genres, path)
    ).axes[:2]
    assert ranking.get_yticklabels()[0].get_text() == f"feature{TELLING}"
    means = ranking.images[0].get_array()
    assert (np.diff(means[0, :4]) > 0.5).all()
    assert means.mask[:, 4].all()
    assert len(plane.collections) == 4
    assert {text.get_text() for text in plane.texts} == set(genres[:4])
    assert to_hex(plane.collections[3].get_facecolor()[0]) == GENRES["rock"].color


def test_separation_needs_finite_features(tmp_path: Path) -> None:
    values, labels = table(2, 2)
    values[1, 1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        draw_separation(values, ["f"] * 12, labels, "ab", tmp_path / "a.png")
    with pytest.raises(ValueError, match="3 names"):
        draw_separation(values, "abc", labels, "ab", tmp_path / "a.png")


def test_names_move_apart_only_where_they_overlap() -> None:
    places = np.array([[0.5, 0.5], [0.52, 0.5], [0.1, 0.9]])
    moved = spread(places, (0.1, 0.04))
    assert abs(moved[0, 1] - moved[1, 1]) >= 0.04
    np.testing.assert_array_equal(moved[2], places[2])
    np.testing.assert_array_equal(moved[:, 0], places[:, 0])
