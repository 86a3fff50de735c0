"""The vocabulary in which a genre is written down: figures, grooves, parts and styles.

A bar is written as a string with one symbol for each step of its grid, four steps to the beat (or
three, for triplets). ``.`` is a rest, ``-`` holds the tone before it; every other symbol starts a
tone. What a symbol sounds like is said by `detune.corpus.parts` (pitched instruments) and
`detune.corpus.drums`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

Role = Literal["bass", "chords", "lead"]


class Event(NamedTuple):
    """One tone of a written bar; times are in beats from the start of the bar."""

    beat: float
    symbol: str
    length: float
    triplet: bool


@dataclass(frozen=True)
class Figure:
    """What a pitched instrument plays: a string of steps over `beats` beats.

    `gate` is the share of its written length for which a tone really sounds.
    """

    steps: str
    beats: int = 4
    gate: float = 0.92


@dataclass(frozen=True)
class Groove:
    """A drum pattern: for each drum its string of steps over `beats` beats, one bar.

    In the strings ``X`` is an accent, ``x`` a plain stroke and ``o`` a ghost note. An empty
    mapping is a piece without drums.
    """

    name: str
    beats: int
    strokes: Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """One line of the score: who plays, what, how high and how often.

    Attributes:
        role: bass, chords or lead; parts of one role can stand in for each other.
        figures: the pool of figures; one is drawn for the track, see `variety`.
        programs: the pool of General MIDI programs, 0 to 127.
        register: lowest and highest MIDI pitch; at least an octave apart.
        level: MIDI channel volume, 0 to 127.
        velocity: MIDI velocity of a plain tone at full intensity.
        presence: probability that the track has this part at all.
        entry: section intensity (0 to 1) from which on the part plays.
        variety: probability that a bar draws another figure from the pool.
    """

    role: Role
    figures: tuple[Figure, ...]
    programs: tuple[int, ...]
    register: tuple[int, int]
    level: int = 100
    velocity: int = 92
    presence: float = 1.0
    entry: float = 0.0
    variety: float = 0.1


@dataclass(frozen=True)
class Progression:
    """Chords in Roman numerals, a bar to each word (``ii7+V7`` halves a bar), and their scale."""

    chords: str
    scale: str


@dataclass(frozen=True)
class Rhythm:
    """Tempo, metre and feel.

    Attributes:
        tempo: slowest and fastest tempo in beats a minute.
        grooves: the pool of drum patterns; the one drawn also sets the metre.
        kits: the pool of drum kits (programs of the General MIDI drum bank).
        swing: range of the place of the off-beat within the beat; 0.5 is straight, 0.67 a triplet.
        swing_beats: the span that swings, 1 for swung eighths and 0.5 for swung sixteenths.
        looseness: standard deviation of a player's timing in seconds.
        rubato: relative depth of the slow ebb and flow of the tempo.
        fill: probability that a section ends with a drum fill.
        drum_level: MIDI channel volume of the drums, 0 to 127.
    """

    tempo: tuple[float, float]
    grooves: tuple[Groove, ...]
    kits: tuple[int, ...] = (0,)
    swing: tuple[float, float] = (0.5, 0.5)
    swing_beats: float = 1.0
    looseness: float = 0.006
    rubato: float = 0.0
    fill: float = 0.6
    drum_level: int = 100


@dataclass(frozen=True)
class Style:
    """All that is known of a genre.

    Attributes:
        genre: its name.
        rhythm: tempo, metre, drums and feel.
        ensembles: line-ups; a track draws one and then the parts present in it.
        progressions: the pool of chord progressions.
        sections: bars and intensity (0 to 1) of the sections of the form, in turn.
        age: 0 for a genre recorded mostly in our days, 1 for one heard mostly on old records.
        neighbours: genres that a crossover track borrows from.
    """

    genre: str
    rhythm: Rhythm
    ensembles: tuple[tuple[Part, ...], ...]
    progressions: tuple[Progression, ...]
    sections: tuple[tuple[int, float], ...]
    age: float
    neighbours: tuple[str, ...]


@lru_cache(maxsize=1024)
def read_steps(steps: str, beats: int) -> tuple[Event, ...]:
    """Read a string of steps that spans `beats` beats.

    Returns:
        The events in order of time.

    Raises:
        ValueError: the string does not have three or four steps to the beat.
    """
    per_beat, rest = divmod(len(steps), beats)
    if rest or per_beat not in (3, 4):
        raise ValueError(f"{steps!r} has {len(steps)} steps: not 3 or 4 to each of {beats} beats")
    events = []
    for step, symbol in enumerate(steps):
        if symbol in ".-":
            continue
        held = len(steps[step + 1 :]) - len(steps[step + 1 :].lstrip("-"))
        events.append(Event(step / per_beat, symbol, (1 + held) / per_beat, per_beat == 3))
    return tuple(events)


def bar_events(steps: str, beats: int, bar_beats: int, number: int) -> list[Event]:
    """Cut bar `number` of a repeating pattern of `beats` beats, in bars of `bar_beats` beats.

    A pattern of whole bars runs on from bar to bar; any other starts afresh in each bar.
    """
    start = (number * bar_beats) % beats if beats % bar_beats == 0 else 0
    return [
        event._replace(
            beat=event.beat - start, length=min(event.length, start + bar_beats - event.beat)
        )
        for event in read_steps(steps, beats)
        if start <= event.beat < start + bar_beats
    ]
