"""A style and a random generator make a piece of music."""

from __future__ import annotations

import math

import numpy as np
import pretty_midi

from detune.corpus.drums import play_drums
from detune.corpus.form import draw_bars
from detune.corpus.harmony import scale_tones
from detune.corpus.notation import Part, Style
from detune.corpus.parts import VOLUME, play_part
from detune.corpus.timing import draw_clock


def compose(style: Style, rng: np.random.Generator, seconds: float) -> pretty_midi.PrettyMIDI:
    """Compose a piece in `style` whose bars span at least `seconds`.

    Returns:
        The score, drums first; its one tempo change is the tempo of the piece.
    """
    rhythm = style.rhythm
    clock = draw_clock(rhythm, rng)
    groove = rhythm.grooves[int(rng.integers(len(rhythm.grooves)))]
    progression = style.progressions[int(rng.integers(len(style.progressions)))]
    key = int(rng.integers(12))
    # Rubato can run ahead of the tempo, a bar at most.
    count = 1 + math.ceil(seconds * clock.tempo / 60.0 / groove.beats)
    bars = draw_bars(style, progression, key=key, beats=groove.beats, count=count, rng=rng)
    scale = scale_tones(progression.scale, key)

    score = pretty_midi.PrettyMIDI(initial_tempo=clock.tempo)
    score.instruments.append(play_drums(groove, rhythm, bars, clock, rng))
    score.instruments[0].control_changes.append(
        pretty_midi.ControlChange(VOLUME, rhythm.drum_level, 0.0)
    )
    for part in _draw_line_up(style, rng):
        score.instruments.append(play_part(part, scale, bars, clock, rng))
    return score


def _draw_line_up(style: Style, rng: np.random.Generator) -> list[Part]:
    """The parts of one ensemble that are present in this track."""
    ensemble = style.ensembles[int(rng.integers(len(style.ensembles)))]
    return [part for part in ensemble if rng.random() < part.presence]
