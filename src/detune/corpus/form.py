"""The form of a track: sections that rise and fall, and the bars with their chords."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detune.corpus.harmony import Chord, read_chord
from detune.corpus.notation import Progression, Style


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        number: count from 0.
        start: first beat, counted from the start of the track.
        beats: length in beats.
        intensity: loudness and density of the section, 0 to 1.
        chords: one chord, or two that halve the bar.
        following: first chord of the next bar.
        opens: whether a section starts here.
        closes: whether a section ends here.
    """

    number: int
    start: int
    beats: int
    intensity: float
    chords: tuple[Chord, ...]
    following: Chord
    opens: bool
    closes: bool

    def chord_at(self, beat: float) -> Chord:
        """The chord that sounds `beat` beats into the bar."""
        return self.chords[-1] if beat >= self.beats / 2 else self.chords[0]


def draw_bars(
    style: Style,
    progression: Progression,
    *,
    key: int,
    beats: int,
    count: int,
    rng: np.random.Generator,
) -> list[Bar]:
    """Lay out `count` bars of `beats` beats in `key`, the pitch class of the tonic.

    The excerpt starts with any section of the form, and the progression starts with it.
    """
    words = progression.chords.split()
    chords = [tuple(read_chord(name, key) for name in word.split("+")) for word in words]
    plan = _section_plan(style, count, rng)
    return [
        Bar(
            number=number,
            start=number * beats,
            beats=beats,
            intensity=intensity,
            chords=chords[number % len(chords)],
            following=chords[(number + 1) % len(chords)][0],
            opens=opens,
            closes=closes,
        )
        for number, (intensity, opens, closes) in enumerate(plan)
    ]


def _section_plan(
    style: Style, count: int, rng: np.random.Generator
) -> list[tuple[float, bool, bool]]:
    """Intensity of each bar, and whether a section opens or closes with it."""
    section = int(rng.integers(len(style.sections)))
    plan: list[tuple[float, bool, bool]] = []
    while len(plan) < count:
        bars, intensity = style.sections[section % len(style.sections)]
        level = float(np.clip(intensity + rng.uniform(-0.05, 0.05), 0.0, 1.0))
        plan += [(level, bar == 0, bar == bars - 1) for bar in range(bars)]
        section += 1
    return plan[:count]
