from dataclasses import replace

import numpy as np
import pretty_midi
import pytest

from detune.corpus import grooves
from detune.corpus.drums import DRUM_KEYS, QUIET, play_drums
from detune.corpus.form import Bar
from detune.corpus.harmony import read_chord
from detune.corpus.notation import Groove, Rhythm
from detune.corpus.timing import Clock

CHORD = read_chord("I", 0)
STEADY = Rhythm(tempo=(60.0, 60.0), grooves=(), kits=(8,), looseness=0.0, fill=0.0)


def bars_of(count: int, beats: int = 4, intensity: float = 0.9) -> list[Bar]:
    return [
        Bar(n, n * beats, beats, intensity, (CHORD,), CHORD, n == 0, n == count - 1)
        for n in range(count)
    ]


def played(
    groove: Groove, bars: list[Bar], clock: Clock | None = None, rhythm: Rhythm = STEADY
) -> pretty_midi.Instrument:
    clock = clock or Clock(tempo=60.0)
    return play_drums(groove, rhythm, bars, clock, np.random.default_rng(3))


def times(drums: pretty_midi.Instrument, drum: str) -> list[float]:
    return sorted(note.start for note in drums.notes if note.pitch == DRUM_KEYS[drum])


def test_every_drum_is_on_its_beat() -> None:
    drums = played(grooves.FOUR_OPEN, bars_of(2))
    assert times(drums, "kick") == pytest.approx(range(8))
    assert times(drums, "open") == pytest.approx(np.arange(8) + 0.5)
    assert times(drums, "snare") == pytest.approx([1, 3, 5, 7])
    assert (drums.is_drum, drums.program) == (True, 8)


def test_swing_moves_the_off_beats_of_the_ride() -> None:
    drums = played(grooves.SWING_RIDE, bars_of(1), Clock(tempo=60.0, swing=0.66))
    assert times(drums, "ride") == pytest.approx([0, 1, 1.66, 2, 3, 3.66])


def test_triplets_do_not_swing_twice() -> None:
    drums = played(grooves.SLOW_BLUES, bars_of(1), Clock(tempo=60.0, swing=0.66))
    assert times(drums, "hat") == pytest.approx(np.arange(12) / 3)


def test_a_fill_takes_the_last_beat_of_a_section() -> None:
    drums = played(grooves.FOUR_OPEN, bars_of(2), rhythm=replace(STEADY, fill=1.0))
    last_beat = {note.pitch for note in drums.notes if note.start >= 7}
    keys = {DRUM_KEYS[drum] for drum in ("snare", "high tom", "mid tom", "low tom")}
    assert last_beat
    assert last_beat <= keys
    assert times(drums, "kick") == pytest.approx(range(7))


def test_a_crash_opens_a_loud_section_only() -> None:
    assert times(played(grooves.BACKBEAT, bars_of(2)), "crash") == [0.0]
    quiet = played(grooves.BACKBEAT, bars_of(2, intensity=QUIET - 0.1))
    assert times(quiet, "crash") == times(quiet, "snare") == []
    assert len(times(quiet, "hat")) == 16


def test_accents_are_louder_than_ghost_notes() -> None:
    drums = played(grooves.TRAIN, bars_of(8))
    snare = [note for note in drums.notes if note.pitch == DRUM_KEYS["snare"]]
    accents = [note.velocity for note in snare if note.start % 1 == 0.5]
    ghosts = [note.velocity for note in snare if note.start % 0.5 == 0.25]
    assert len(accents) == len(ghosts) / 2 == 32
    assert min(accents) > max(ghosts)


def test_no_drums_in_a_tacet_groove() -> None:
    assert played(grooves.TACET_3, bars_of(4, beats=3)).notes == []
