"""A track in parts: the recording with each part muted, and what that part adds."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial

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
        alone: by part, `(n,)` what is lost of `played` when the parts are muted in turn, in the
            order of `PARTS`, so that they add up to `played`.
        interaction: largest difference, of full scale, between that and what is lost when the part
            is muted by itself. There is one where more tones sound at once than the synthesiser
            has voices: what is muted lets others sound.
    """

    mix: Samples
    muted: dict[str, Samples]
    played: Samples
    alone: dict[str, Samples]
    interaction: float

    @property
    def largest_difference(self) -> float:
        """Between the sum of the parts and what is played together, of full scale."""
        return float(np.abs(sum(self.alone.values()) - self.played).max())


def compose_stems(recipe: Recipe, genre: str, index: int) -> Stems:
    """Compose, play and record one track of `recipe` as `compose_track` does, in parts."""
    score, recording, rng = perform(recipe, genre, index)
    present = [
        part for part in PARTS if any(one.name == part and one.notes for one in score.instruments)
    ]
    whole = _played(score, [])
    without = {part: _played(score, [part]) for part in present}
    samples = sample_count(recipe)
    takes = record_takes([whole, *without.values()], recording, samples, SAMPLE_RATE, rng)
    takes = [with_cue(take, recipe, genre, index) for take in takes]
    played = fold_down(whole, recording, samples)
    fold = partial(fold_down, recording=recording, samples=samples)
    # The first of them is muted by itself already, and without all of them there is silence.
    between = [fold(_played(score, present[:count])) for count in range(2, len(present))]
    steps = [played, fold(without[present[0]]), *between, np.zeros_like(played)]
    steps = [played, np.zeros_like(played)] if len(present) == 1 else steps
    alone = {part: steps[at] - steps[at + 1] for at, part in enumerate(present)}
    lost = {part: played - fold(sound) for part, sound in without.items()}
    return Stems(
        mix=takes[0],
        muted=dict(zip(present, takes[1:], strict=True)),
        played=played,
        alone=alone,
        interaction=max(float(np.abs(alone[part] - lost[part]).max()) for part in present),
    )


def _played(score: pretty_midi.PrettyMIDI, muted: Sequence[str]) -> Samples:
    """What the instruments of a score play, in stereo, but for those of muted parts."""
    reduced = copy(score)
    reduced.instruments = [one for one in score.instruments if one.name not in muted]
    return render(reduced, SAMPLE_RATE)
