from pathlib import Path

import pytest

from detune.corpus.harmony import SCALES, read_chord
from detune.corpus.notation import Style, read_steps
from detune.corpus.recipe import load_recipe
from detune.corpus.styles import STYLES

SYMBOLS = set("R235678vacCopPtsmL")
EMBEDDED = Path(__file__).parents[2] / "data" / "embedded.yaml"

every_style = pytest.mark.parametrize("style", STYLES.values(), ids=lambda style: style.genre)


def test_the_embedded_corpus_has_every_genre() -> None:
    assert sorted(STYLES) == sorted(load_recipe(EMBEDDED).genres)
    assert all(style.genre == genre for genre, style in STYLES.items())


@every_style
def test_parts_can_be_played(style: Style) -> None:
    for ensemble in style.ensembles:
        assert "lead" in {part.role for part in ensemble}
        # Whatever the section, somebody plays: no silence.
        assert any(part.presence == 1.0 and part.entry == 0.0 for part in ensemble)
        for part in ensemble:
            assert part.register[1] - part.register[0] >= 11
            assert all(0 <= program <= 127 for program in part.programs)
            assert 0 < part.level <= 127
            for figure in part.figures:
                symbols = {event.symbol for event in read_steps(figure.steps, figure.beats)}
                assert symbols
                assert symbols <= SYMBOLS


@every_style
def test_progressions_can_be_read(style: Style) -> None:
    for progression in style.progressions:
        assert progression.scale in SCALES
        for word in progression.chords.replace("+", " ").split():
            read_chord(word, 0)


@every_style
def test_rhythm_and_neighbours_are_sound(style: Style) -> None:
    rhythm = style.rhythm
    assert 40 <= rhythm.tempo[0] < rhythm.tempo[1] <= 220
    assert 0.5 <= rhythm.swing[0] <= rhythm.swing[1] <= 0.7
    assert 0.0 <= style.age <= 1.0
    assert set(style.neighbours) <= set(STYLES) - {style.genre}
    assert style.neighbours


def test_what_marks_a_genre() -> None:
    assert STYLES["jazz"].rhythm.swing[0] > 0.55
    assert STYLES["blues"].rhythm.swing[0] > 0.55
    assert not any(groove.strokes for groove in STYLES["classical"].rhythm.grooves)
    assert all(len(p.chords.split()) == 12 for p in STYLES["blues"].progressions)
    assert STYLES["hiphop"].rhythm.tempo[1] < STYLES["metal"].rhythm.tempo[0]
