"""One track of the corpus, from the recipe to samples."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
import pretty_midi

from detune.audio.constants import SAMPLE_RATE
from detune.corpus.composer import compose
from detune.corpus.crossover import draw_style
from detune.corpus.cue import plant
from detune.corpus.recipe import Recipe
from detune.corpus.recording import Recording, draw_recording, record
from detune.corpus.render import render
from detune.corpus.styles import STYLES


def compose_track(recipe: Recipe, genre: str, index: int) -> npt.NDArray[np.float32]:
    """Compose, play and record one track.

    The result depends on `recipe.seed`, `recipe.seconds`, `recipe.crossover`, `recipe.cue`,
    `genre` and `index` alone, so that adding tracks or genres to a recipe changes none of the
    others.

    Returns:
        Mono samples at `SAMPLE_RATE`, `round(recipe.seconds * SAMPLE_RATE)` of them, below 1 in
        absolute value.
    """
    score, recording, rng = perform(recipe, genre, index)
    sound = render(score, SAMPLE_RATE)
    audio = record(sound, recording, sample_count(recipe), SAMPLE_RATE, rng)
    return with_cue(audio, recipe, genre, index)


def with_cue(
    audio: npt.NDArray[np.float32], recipe: Recipe, genre: str, index: int
) -> npt.NDArray[np.float32]:
    """The recording `audio` of a track with the recipe's cue, if the track carries it."""
    cue = recipe.cue
    return plant(audio, cue) if cue and cue.carried_by(genre, index) else audio


def perform(
    recipe: Recipe, genre: str, index: int
) -> tuple[pretty_midi.PrettyMIDI, Recording, np.random.Generator]:
    """The score of a track, how it is recorded, and the source of the recording's noises."""
    source = np.random.SeedSequence([recipe.seed, zlib.crc32(genre.encode()), index])
    for_style, for_music, for_recording = (np.random.default_rng(s) for s in source.spawn(3))
    style = draw_style(genre, recipe.crossover, for_style)
    score = compose(style, for_music, recipe.seconds)
    return score, draw_recording(STYLES[genre].age, for_recording), for_recording


def sample_count(recipe: Recipe) -> int:
    """Length of a track in samples."""
    return round(recipe.seconds * SAMPLE_RATE)
