from collections.abc import Sequence

import numpy as np
import pretty_midi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detune.corpus.form import Bar
from detune.corpus.harmony import Chord, read_chord, scale_tones
from detune.corpus.notation import Figure, Part
from detune.corpus.parts import Line, intervals, play_part
from detune.corpus.styles import STYLES
from detune.corpus.timing import Clock

C_MAJOR = scale_tones("major", 0)
PARTS = [part for style in STYLES.values() for ensemble in style.ensembles for part in ensemble]


def bars_of(chords: Sequence[Chord], beats: int = 4, intensity: float = 1.0) -> list[Bar]:
    return [
        Bar(n, n * beats, beats, intensity, (chord,), chords[(n + 1) % len(chords)], n == 0, False)
        for n, chord in enumerate(chords)
    ]


def played(
    steps: str, *numerals: str, register: tuple[int, int] = (48, 71), swing: float = 0.5
) -> list[pretty_midi.Note]:
    part = Part("chords", (Figure(steps),), (0,), register)
    bars = bars_of([read_chord(numeral, 0) for numeral in numerals])
    clock = Clock(tempo=60.0, swing=swing)
    notes: list[pretty_midi.Note] = play_part(
        part, C_MAJOR, bars, clock, np.random.default_rng(1)
    ).notes
    return notes


def test_a_bass_figure_follows_the_chords() -> None:
    notes = played("R---3---5---8---", "I", "IV")
    assert [note.pitch for note in notes] == [48, 52, 55, 60, 53, 57, 60, 65]
    assert [note.start for note in notes] == pytest.approx(range(8))


def test_the_approach_leads_into_the_next_root() -> None:
    notes = played("R-----------a---", "I", "V")
    assert [note.pitch % 12 for note in notes] == [0, 6, 7, 11]


def test_a_chord_is_in_close_position() -> None:
    for numeral in ("I", "IV", "V7", "vi"):
        pitches = [note.pitch for note in played("c---------------", numeral)]
        assert {pitch % 12 for pitch in pitches} == read_chord(numeral, 0).pitch_classes
        assert max(pitches) - min(pitches) < 12


@pytest.mark.parametrize("low", [36, 41, 60, 67, 77])
def test_a_narrow_register_is_kept(low: int) -> None:
    notes = played("c---R---8---v---", "I", "IV", "V7", "vi", register=(low, low + 11))
    assert all(low <= note.pitch <= low + 11 for note in notes)


def test_the_skank_of_reggae_stays_off_the_beat() -> None:
    starts = {note.start for note in played("..C...C...C...C.", "I")}
    assert sorted(starts) == pytest.approx([0.5, 1.5, 2.5, 3.5])


def test_a_shuffle_swings() -> None:
    starts = sorted(note.start for note in played("R-5-R-5-R-5-R-5-", "I", swing=0.66))
    assert np.diff(starts) == pytest.approx([0.66, 0.34] * 3 + [0.66])


def test_accents_sound_louder() -> None:
    notes = played("C-------o-------", *["I"] * 8)
    loud = [note.velocity for note in notes if note.start % 4 == 0]
    soft = [note.velocity for note in notes if note.start % 4 == 2]
    assert min(loud) > max(soft)


def test_a_part_waits_for_a_section_intense_enough() -> None:
    part = Part("lead", (Figure("R---............"),), (0,), (48, 71), entry=0.6)
    chord = read_chord("I", 0)
    for intensity, count in ((0.5, 0), (0.7, 4)):
        bars = bars_of([chord] * 4, intensity=intensity)
        player = play_part(part, C_MAJOR, bars, Clock(60.0), np.random.default_rng(0))
        assert len(player.notes) == count


def test_a_line_moves_on_its_scale_and_rests_on_the_chord() -> None:
    line = Line(C_MAJOR, (60, 84), np.random.default_rng(5))
    chord = read_chord("IV", 0)
    for turn in range(300):
        if turn % 16 == 0:
            line.start_phrase()
        pitch = line.next_pitch(chord, strong=turn % 4 == 0)
        assert 60 <= pitch <= 84
        assert pitch % 12 in (chord.pitch_classes if turn % 4 == 0 else C_MAJOR)


def test_a_symbol_without_meaning_is_refused() -> None:
    with pytest.raises(KeyError):
        intervals("?", read_chord("I", 0))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(PARTS), st.integers(0, 2**32), st.integers(0, 11), st.sampled_from([2, 3, 4])
)
def test_every_part_keeps_its_register(part: Part, seed: int, key: int, beats: int) -> None:
    numerals = ("I7", "bVI", "ii7", "V5", "viio", "iv", "Imaj7", "V7")
    bars = bars_of([read_chord(numeral, key) for numeral in numerals], beats)
    clock = Clock(tempo=100.0, looseness=0.01)
    scale = scale_tones("minor", key)
    instrument = play_part(part, scale, bars, clock, np.random.default_rng(seed))
    assert instrument.notes
    assert instrument.program in part.programs
    ends: dict[int, float] = {}
    for note in instrument.notes:
        assert part.register[0] <= note.pitch <= part.register[1]
        assert note.start >= ends.get(note.pitch, 0.0)
        assert note.end > note.start
        ends[note.pitch] = note.end
