"""A track in parts: the recording with each part muted, and what that part adds."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pretty_midi

from detune.audio.constants import SAMPLE_RATE
from detune.corpus.recipe import Recipe
from detune.corpus.recording import fold_down, record_takes
from detune.corpus.render import render
from detune.corpus.track import perform, sample_count, with_cue

PARTS = ("drums", "bass", "chords", "lead")
"""The parts of a track; all instruments of a role are one part."""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Stems:
    """One track, in the parts that it has.

    Attributes:
        mix: `(n,)` the recording of the whole, as `compose_track` gives it.
        muted: by part, `(n,)` the recording without it: the others are played, and recorded with
            everything set as for the whole.
        played: `(n,)` what all play together, in mono, before it is recorded.
        alone: by part, `(n,)` what it adds to `played`, which is the sum of all parts, but where
            more tones sound at once than the synthesiser has voices.
    """

    mix: Samples
    muted: dict[str, Samples]
    played: Samples
    alone: dict[str, Samples]

    @property
    def largest_difference(self) -> float:
        """Between the sum of the parts and what is played together, of full scale."""
        return float(np.abs(sum(self.alone.values()) - self.played).max())


def compose_stems(recipe: Recipe, genre: str, index: int) -> Stems:
    """Compose, play and record one track of `recipe` as `compose_track` does, in parts."""
    score, recording, rng = perform(recipe, genre, index)
    players = {
        part: [one for one in score.instruments if one.name == part and one.notes] for part in PARTS
    }
    present = [part for part in PARTS if players[part]]
    whole = _played(score, score.instruments)
    without = {
        part: _played(score, [one for one in score.instruments if one not in players[part]])
        for part in present
    }
    samples = sample_count(recipe)
    takes = record_takes([whole, *without.values()], recording, samples, SAMPLE_RATE, rng)
    takes = [with_cue(take, recipe, genre, index) for take in takes]
    played = fold_down(whole, recording, samples)
    alone = {part: played - fold_down(sound, recording, samples) for part, sound in without.items()}
    return Stems(takes[0], dict(zip(present, takes[1:], strict=True)), played, alone)


def _played(
    score: pretty_midi.PrettyMIDI, instruments: Sequence[pretty_midi.Instrument]
) -> Samples:
    """What some of the instruments of a score play, in stereo."""
    reduced = copy(score)
    reduced.instruments = list(instruments)
    return render(reduced, SAMPLE_RATE)
