"""The drummer: grooves, fills and crashes."""

from __future__ import annotations

import numpy as np
import pretty_midi

from detune.corpus.form import Bar
from detune.corpus.notation import Groove, Rhythm, read_steps
from detune.corpus.timing import Clock

DRUM_KEYS: dict[str, int] = {
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "hat": 42,
    "pedal": 44,
    "open": 46,
    "crash": 49,
    "ride": 51,
    "china": 52,
    "tambourine": 54,
    "high tom": 50,
    "mid tom": 47,
    "low tom": 43,
    "conga": 63,
    "low conga": 64,
    "shaker": 70,
}

STROKES = {"X": 112, "x": 92, "o": 48}

# A quiet section keeps time and little else.
QUIET = 0.45
TIMEKEEPERS = frozenset({"hat", "ride", "pedal", "kick", "rim", "shaker"})

FILLS: tuple[dict[str, str], ...] = (
    {"snare": "xxxx"},
    {"snare": "x.x.", "low tom": "..xx"},
    {"high tom": "xx..", "mid tom": "..x.", "low tom": "...x"},
    {"snare": "X.xx"},
)

STROKE_SECONDS = 0.1


def play_drums(
    groove: Groove, rhythm: Rhythm, bars: list[Bar], clock: Clock, rng: np.random.Generator
) -> pretty_midi.Instrument:
    """Play `groove` through all bars, with fills where sections close and crashes where they open.

    Returns:
        A drum track; its notes are at most two deviations of `clock.looseness` off their beat.
    """
    drums = pretty_midi.Instrument(int(rng.choice(rhythm.kits)), is_drum=True, name="drums")
    for bar in bars if groove.strokes else []:
        fills = bar.closes and rng.random() < rhythm.fill
        for beat, drum, velocity, triplet in _bar_strokes(groove, bar, fills, rng):
            start = clock.played(clock.seconds(bar.start + beat, triplet), rng)
            loudness = velocity * (0.78 + 0.22 * bar.intensity) + rng.normal(0.0, 5.0)
            note = pretty_midi.Note(
                int(np.clip(loudness, 20, 127)), DRUM_KEYS[drum], start, start + STROKE_SECONDS
            )
            drums.notes.append(note)
    return drums


def _bar_strokes(
    groove: Groove, bar: Bar, fills: bool, rng: np.random.Generator
) -> list[tuple[float, str, int, bool]]:
    """The strokes of one bar as (beat, drum, velocity, triplet)."""
    fill_from = bar.beats - 1 if fills else bar.beats
    strokes = [
        (event.beat, drum, STROKES[event.symbol], event.triplet)
        for drum, steps in groove.strokes.items()
        if bar.intensity >= QUIET or drum in TIMEKEEPERS
        for event in read_steps(steps, groove.beats)
        if event.beat < fill_from
    ]
    if fills:
        for drum, steps in FILLS[int(rng.integers(len(FILLS)))].items():
            strokes += [
                (fill_from + event.beat, drum, STROKES[event.symbol], False)
                for event in read_steps(steps, 1)
            ]
    if bar.opens and bar.intensity >= QUIET:
        strokes.append((0.0, "crash", STROKES["x"], False))
    return strokes
