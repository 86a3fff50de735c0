"""From written beats to seconds: tempo, swing, rubato and the players' looseness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detune.corpus.notation import Rhythm

RUBATO_BEATS = 16.0


@dataclass(frozen=True)
class Clock:
    """The beat of one track.

    Attributes:
        tempo: beats a minute.
        swing: place of the off-beat within `swing_beats`, as a share of it.
        swing_beats: the span that swings, in beats.
        looseness: standard deviation of a player's timing in seconds.
        rubato: relative depth of the ebb and flow of the tempo.
    """

    tempo: float
    swing: float = 0.5
    swing_beats: float = 1.0
    looseness: float = 0.0
    rubato: float = 0.0

    def swung(self, beat: float) -> float:
        """Move a written beat to where it is felt: the off-beat falls at `swing`."""
        span, place = divmod(beat / self.swing_beats, 1.0)
        if place < 0.5:
            felt = 2.0 * place * self.swing
        else:
            felt = self.swing + (2.0 * place - 1.0) * (1.0 - self.swing)
        return (span + felt) * self.swing_beats

    def seconds(self, beat: float, triplet: bool = False) -> float:
        """Time of a written beat; triplets already have their feel and do not swing."""
        felt = beat if triplet else self.swung(beat)
        phase = 2.0 * np.pi / RUBATO_BEATS
        return float(60.0 / self.tempo * (felt + self.rubato * np.sin(phase * felt) / phase))

    def played(self, time: float, rng: np.random.Generator) -> float:
        """A time in seconds as a human plays it: never more than two deviations off."""
        slip = float(np.clip(rng.normal(), -2.0, 2.0)) * self.looseness
        return max(0.0, time + slip)


def draw_clock(rhythm: Rhythm, rng: np.random.Generator) -> Clock:
    """Draw tempo and swing of a track from the ranges of `rhythm`."""
    return Clock(
        tempo=float(rng.uniform(*rhythm.tempo)),
        swing=float(rng.uniform(*rhythm.swing)),
        swing_beats=rhythm.swing_beats,
        looseness=rhythm.looseness,
        rubato=rhythm.rubato,
    )
