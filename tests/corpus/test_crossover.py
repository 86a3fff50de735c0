import numpy as np
import pytest

from detune.corpus.crossover import BORROWED, INGREDIENTS, borrow, draw_style
from detune.corpus.notation import Part, Role, Style
from detune.corpus.styles import STYLES


def players(style: Style, role: Role) -> list[Part]:
    return [part for ensemble in style.ensembles for part in ensemble if part.role == role]


@pytest.mark.parametrize("genre", STYLES)
def test_without_crossover_every_track_is_pure(genre: str) -> None:
    for seed in range(20):
        assert draw_style(genre, 0.0, np.random.default_rng(seed)) is STYLES[genre]


def test_the_share_of_crossover_tracks_is_the_one_asked_for() -> None:
    rngs = (np.random.default_rng(seed) for seed in range(1000))
    turned = sum(draw_style("pop", 0.3, rng) is not STYLES["pop"] for rng in rngs)
    assert 250 < turned < 350


def test_more_crossover_turns_further_tracks_and_changes_no_other() -> None:
    for seed in range(100):
        few = draw_style("rock", 0.2, np.random.default_rng(seed))
        many = draw_style("rock", 0.6, np.random.default_rng(seed))
        assert few in (STYLES["rock"], many)


def test_what_is_borrowed_is_the_neighbours_and_the_rest_is_its_own() -> None:
    pop, disco = STYLES["pop"], STYLES["disco"]
    style = borrow(pop, disco, ("rhythm", "lead"), np.random.default_rng(0))
    assert style.rhythm is disco.rhythm
    assert players(style, "lead") == players(disco, "lead")
    assert players(style, "bass") == players(pop, "bass")
    assert players(style, "chords") == players(pop, "chords")
    assert style.progressions is pop.progressions
    assert style.genre == "pop"


@pytest.mark.parametrize("genre", STYLES)
def test_a_crossover_track_keeps_something_of_its_genre(genre: str) -> None:
    assert BORROWED[1] < len(INGREDIENTS)
    for seed in range(20):
        style = draw_style(genre, 1.0, np.random.default_rng(seed))
        assert style.genre == genre
        assert style is not STYLES[genre]
        assert style.ensembles[0]
