import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.corpus.harmony import Chord, fold, read_chord, scale_tones


@pytest.mark.parametrize(
    ("numeral", "key", "chord"),
    [
        ("I", 0, Chord(0, (0, 4, 7))),
        ("vi", 0, Chord(9, (0, 3, 7))),
        ("V7", 7, Chord(2, (0, 4, 7, 10))),
        ("bVII", 0, Chord(10, (0, 4, 7))),
        ("ii7", 10, Chord(0, (0, 3, 7, 10))),
        ("Imaj7", 5, Chord(5, (0, 4, 7, 11))),
        ("viio", 0, Chord(11, (0, 3, 6))),
        ("bII5", 4, Chord(5, (0, 7))),
    ],
)
def test_roman_numerals(numeral: str, key: int, chord: Chord) -> None:
    assert read_chord(numeral, key) == chord


@pytest.mark.parametrize("numeral", ["", "VIII", "iV", "H", "I9", "I "])
def test_other_words_are_no_numerals(numeral: str) -> None:
    with pytest.raises(ValueError, match="Roman"):
        read_chord(numeral, 0)


def test_named_tones_of_chords() -> None:
    seventh, bare = read_chord("ii7", 0), read_chord("I5", 0)
    assert (seventh.third(), seventh.fifth(), seventh.seventh()) == (3, 7, 10)
    assert (bare.third(), bare.fifth(), bare.seventh()) == (7, 7, 12)
    assert seventh.pitch_classes == {2, 5, 9, 0}


def test_scales_start_on_their_tonic() -> None:
    assert scale_tones("major", 2) == {2, 4, 6, 7, 9, 11, 1}
    assert scale_tones("blues", 0) == {0, 3, 5, 6, 7, 10}


@given(st.integers(-50, 200), st.integers(20, 90), st.integers(11, 40))
def test_folding_keeps_the_pitch_class_and_the_register(pitch: int, low: int, span: int) -> None:
    folded = fold(pitch, low, low + span)
    assert low <= folded <= low + span
    assert (folded - pitch) % 12 == 0
