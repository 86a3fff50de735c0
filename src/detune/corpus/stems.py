"""A track in parts: the recording with each part muted, and what that part adds."""

from __future__ import annotations

from collections.abc import Collection
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


EXPRESSION = 11
"""The MIDI controller that is a player's fader; the composer leaves it fully open."""


@dataclass(frozen=True)
class Stems:
    """One track, in the parts that it has.

    Attributes:
        mix: `(n,)` the recording of the whole, as `compose_track` gives it.
        muted: by part, `(n,)` the recording without it: the others are heard, and recorded with
            everything set as for the whole.
        played: `(n,)` what all play together, in mono, before it is recorded.
        alone: by part, `(n,)` what is heard of it in `played`, which is the sum of all parts.
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
    present = [part for part in PARTS if any(_plays(one, part) for one in score.instruments)]
    whole = render(score, SAMPLE_RATE)
    solos = {part: render(_with_faders_open(score, [part]), SAMPLE_RATE) for part in present}
    samples = sample_count(recipe)
    without = [whole - solo for solo in solos.values()]
    takes = record_takes([whole, *without], recording, samples, SAMPLE_RATE, rng)
    takes = [with_cue(take, recipe, genre, index) for take in takes]
    return Stems(
        takes[0],
        dict(zip(present, takes[1:], strict=True)),
        fold_down(whole, recording, samples),
        {part: fold_down(solo, recording, samples) for part, solo in solos.items()},
    )


def _plays(instrument: pretty_midi.Instrument, part: str) -> bool:
    return bool(instrument.name == part and instrument.notes)


def _with_faders_open(
    score: pretty_midi.PrettyMIDI, parts: Collection[str]
) -> pretty_midi.PrettyMIDI:
    """A score in which only `parts` are heard, while all of them are played.

    Where more tones sound at once than the synthesiser has voices, it ends one that sounds. If the
    other parts were left out, it would end fewer, and the parts would not add up to the whole.
    """
    reduced = copy(score)
    reduced.instruments = [one if one.name in parts else _closed(one) for one in score.instruments]
    return reduced


def _closed(instrument: pretty_midi.Instrument) -> pretty_midi.Instrument:
    """The same instrument with its fader closed from the beginning."""
    silent = copy(instrument)
    closing = pretty_midi.ControlChange(EXPRESSION, 0, 0.0)
    silent.control_changes = [*instrument.control_changes, closing]
    return silent
