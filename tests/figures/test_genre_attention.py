from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from detune.figures.genre_attention import NONE_RIGHT, draw_genres
from detune.figures.style import genre_style
from detune.gradcam.examples import GenreHeat


def heat(row: int) -> np.ndarray:
    found = np.zeros((16, 16))
    found[row] = 0.5
    return found


GENRES = [
    GenreHeat("blues", 7, {"clean": heat(2), "fgsm": heat(5), "pgd": heat(14)}),
    GenreHeat("jazz", 0, {}),
    GenreHeat("rock", 3, {"clean": heat(3), "fgsm": heat(3), "pgd": heat(3)}),
]


def test_genres_are_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_genres(GENRES, path, epsilon=0.1))


def test_states_share_a_scale_and_profiles_peak_where_the_heat_is(sketched) -> None:
    axes = sketched(lambda path: draw_genres(GENRES, path, epsilon=0.1)).axes
    grid = np.array(axes[:12]).reshape(4, 3)
    assert {ax.images[0].get_clim() for ax in grid[:3].flat} == {(0.0, 0.5)}
    assert "PGD, ε = 0.1" in grid[2, 0].get_ylabel()
    fgsm, pgd = grid[3, 0].lines
    for line, row in ((fgsm, 5), (pgd, 14)):
        assert np.argmax(line.get_xdata()) == pytest.approx((row + 0.5) * 8, abs=1)
    assert fgsm.get_linestyle() != pgd.get_linestyle()


def test_a_genre_has_its_colour_and_says_when_none_was_right(sketched) -> None:
    axes = sketched(lambda path: draw_genres(GENRES, path, epsilon=0.1)).axes
    grid = np.array(axes[:12]).reshape(4, 3)
    for column, item in zip(grid.T, GENRES, strict=True):
        color = genre_style(item.genre, 0).color
        assert {to_hex(ax.spines["left"].get_edgecolor()) for ax in column} == {color}
    assert [ax.texts[0].get_text() for ax in grid[:3, 1]] == [NONE_RIGHT] * 3
    assert not grid[0, 0].texts


@pytest.mark.parametrize("genres", [GENRES[1:2], [GenreHeat("blues", 1, {"clean": 0 * heat(1)})]])
def test_no_heat_at_all_is_no_fault(genres: list[GenreHeat], drawn) -> None:
    drawn(lambda path: draw_genres(genres, path, epsilon=0.1))


def test_genres_are_needed(tmp_path) -> None:
    with pytest.raises(ValueError, match="0 genres"):
        draw_genres([], tmp_path / "a.png", epsilon=0.1)
