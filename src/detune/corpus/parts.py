"""The players of pitched instruments: figures and improvised lines to notes.

The symbols of a figure, relative to the chord of the moment:

===== ==========================================================================
``R``  root; ``2 3 5 6 7 8`` the tone at that interval above it; ``v`` the fifth below
``a``  a semitone below the root of the next bar, leading into it
``c``  the whole chord in close position; ``C`` accented, ``o`` softly
``p``  power chord, root, fifth and octave; ``P`` accented
``t``  root and fifth; ``s`` root and sixth (the two hands of a boogie)
``m``  third, seventh and ninth, the bare voicing of a jazz pianist
``L``  the next tone of an improvised line
===== ==========================================================================
"""

from __future__ import annotations

import numpy as np
import pretty_midi

from detune.corpus.form import Bar
from detune.corpus.harmony import Chord, fold
from detune.corpus.notation import Event, Figure, Part, bar_events
from detune.corpus.timing import Clock

ACCENTED = frozenset("CP")
SOFT = frozenset("o")
PHRASE_BARS = 2

# MIDI controllers.
VOLUME = 7
PAN = 10


class Line:
    """An improvised line: a walk on the scale that comes to rest on chord tones.

    A phrase is two bars long; every other phrase on average takes up the last one's motif.
    """

    def __init__(
        self, scale: frozenset[int], register: tuple[int, int], rng: np.random.Generator
    ) -> None:
        low, high = register
        self._ladder = [pitch for pitch in range(low, high + 1) if pitch % 12 in scale]
        self._rng = rng
        self._moves = self._new_moves()
        self._turn = 0
        self._place = len(self._ladder) // 2
        self._motif_place = self._place

    def _new_moves(self) -> list[int]:
        steps = self._rng.choice([-3, -2, -1, -1, 0, 1, 1, 2, 3], size=64)
        return [int(step) for step in steps]

    def start_phrase(self) -> None:
        """Take up the last motif from its first tone, or think of a new one."""
        if self._rng.random() < 0.5:
            self._place = self._motif_place
        else:
            self._moves = self._new_moves()
            self._motif_place = self._place
        self._turn = 0

    def next_pitch(self, chord: Chord, strong: bool) -> int:
        """The next tone; on a strong beat the nearest tone of the chord."""
        move = self._moves[self._turn % len(self._moves)]
        self._turn += 1
        top = len(self._ladder) - 1
        # The walk is mirrored at the ends of the register.
        self._place = top - abs(top - abs(self._place + move))
        pitch = self._ladder[self._place]
        targets = [rung for rung in self._ladder if rung % 12 in chord.pitch_classes]
        if strong and targets:
            pitch = min(targets, key=lambda target: (abs(target - pitch), target))
        return pitch


class _Player:
    """One player with what stays the same through a track: register, feel and habits."""

    def __init__(
        self, part: Part, scale: frozenset[int], clock: Clock, rng: np.random.Generator
    ) -> None:
        low, high = part.register
        self._part = part
        self._clock = clock
        self._rng = rng
        self._line = Line(scale, part.register, rng)
        # Close chords keep to one octave, which leads each voice a short way to the next chord.
        self._base = int(rng.integers(low, high - 10))
        self._figure = self._draw_figure()

    def _draw_figure(self) -> Figure:
        return self._part.figures[int(self._rng.integers(len(self._part.figures)))]

    def play_bar(self, bar: Bar) -> list[pretty_midi.Note]:
        """The notes of one bar, times in seconds; none if the section is too quiet for the part."""
        if bar.number % PHRASE_BARS == 0:
            self._line.start_phrase()
        if self._rng.random() < self._part.variety:
            self._figure = self._draw_figure()
        if bar.intensity < self._part.entry:
            return []
        figure = self._figure
        notes = []
        for event in bar_events(figure.steps, figure.beats, bar.beats, bar.number):
            beat = bar.start + event.beat
            start = self._clock.played(self._clock.seconds(beat, event.triplet), self._rng)
            end = self._clock.seconds(beat + event.length * figure.gate, event.triplet)
            loudness = self._loudness(event, bar)
            for pitch in self._pitches(event, bar):
                notes.append(pretty_midi.Note(loudness, pitch, start, max(end, start + 0.03)))
        return notes

    def _loudness(self, event: Event, bar: Bar) -> int:
        """MIDI velocity: louder in intense sections, on the beat and on accents."""
        weight = 1.0 if event.beat % 1 == 0 else 0.9
        weight *= 1.15 if event.symbol in ACCENTED else 0.7 if event.symbol in SOFT else 1.0
        level = self._part.velocity * weight * (0.75 + 0.25 * bar.intensity)
        return int(np.clip(level + self._rng.normal(0.0, 5.0), 20, 127))

    def _pitches(self, event: Event, bar: Bar) -> list[int]:
        """The pitches of one event, lowest first, within the register of the part."""
        low, high = self._part.register
        chord = bar.chord_at(event.beat)
        if event.symbol == "L":
            return [self._line.next_pitch(chord, strong=event.beat % 2 == 0)]
        if event.symbol in "cCo":
            base = self._base
            return sorted(fold(60 + tone, base, base + 11) for tone in chord.pitch_classes)
        if event.symbol == "a":
            return [fold(60 + bar.following.root - 1, low, high)]
        root = fold(60 + chord.root, low, low + 11)
        return sorted({fold(root + step, low, high) for step in intervals(event.symbol, chord)})


def play_part(
    part: Part, scale: frozenset[int], bars: list[Bar], clock: Clock, rng: np.random.Generator
) -> pretty_midi.Instrument:
    """Play one part through all bars in which the section is intense enough for it.

    Improvised lines move on the pitch classes of `scale`.

    Returns:
        The instrument; all its pitches are within `part.register`.
    """
    instrument = pretty_midi.Instrument(int(rng.choice(part.programs)), name=part.role)
    pan = int(rng.integers(34, 95))
    instrument.control_changes += [
        pretty_midi.ControlChange(VOLUME, part.level, 0.0),
        pretty_midi.ControlChange(PAN, pan, 0.0),
    ]
    player = _Player(part, scale, clock, rng)
    notes = [note for bar in bars for note in player.play_bar(bar)]
    instrument.notes = _without_overlaps(notes)
    return instrument


def intervals(symbol: str, chord: Chord) -> tuple[int, ...]:
    """Semitones above the root of the tones that a symbol asks for.

    Raises:
        KeyError: it is no symbol of a tone above a root.
    """
    fifth = chord.fifth()
    return {
        "R": (0,),
        "2": (2,),
        "3": (chord.third(),),
        "5": (fifth,),
        "6": (9,),
        "7": (chord.seventh(),),
        "8": (12,),
        "v": (fifth - 12,),
        "p": (0, fifth, 12),
        "P": (0, fifth, 12),
        "t": (0, fifth),
        "s": (0, 9),
        "m": (chord.third(), chord.seventh(), 14),
    }[symbol]


def _without_overlaps(notes: list[pretty_midi.Note]) -> list[pretty_midi.Note]:
    """End each tone before the next one of its pitch starts, or its end would silence that one."""
    ordered = sorted(notes, key=lambda note: (note.start, note.pitch))
    following: dict[int, float] = {}
    for note in reversed(ordered):
        note.end = min(note.end, following.get(note.pitch, note.end))
        following[note.pitch] = note.start
    return [note for note in ordered if note.end > note.start]
