from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pretty_midi
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.corpus import Recipe, compose_track, load_recipe
from detune.corpus.recording import fold_down, record_takes
from detune.corpus.render import render
from detune.corpus.stems import PARTS, Stems, compose_stems
from detune.corpus.track import perform

DEFAULT = Path(__file__).parents[2] / "data" / "embedded.yaml"
RECIPE = Recipe(seed=3, seconds=6.3, tracks_per_genre=2, crossover=0.0, genres=("jazz", "metal"))


@lru_cache
def stems() -> Stems:
    return compose_stems(RECIPE, "jazz", 1)


def test_the_whole_is_the_track_of_the_corpus() -> None:
    np.testing.assert_array_equal(stems().mix, compose_track(RECIPE, "jazz", 1))


def test_the_parts_add_up_to_the_whole() -> None:
    found = stems()
    assert list(found.alone) == [part for part in PARTS if part in found.alone]
    assert len(found.alone) >= 3
    difference = sum(found.alone.values()) - found.played
    # The synthesiser rounds to 16 bits.
    assert np.sqrt(np.mean(difference**2)) < 3e-5
    assert found.largest_difference == np.abs(difference).max() < 1e-4


def test_parts_add_up_where_the_synthesiser_runs_out_of_voices() -> None:
    """Bars of a metal track of the default corpus whose tones are more than it has voices."""
    recipe = replace(load_recipe(DEFAULT), seconds=6.3)
    found = compose_stems(recipe, "metal", 7)
    score, recording, _ = perform(recipe, "metal", 7)
    played = [
        fold_down(render(only(score, part), SAMPLE_RATE), recording, len(found.mix))
        for part in found.alone
    ]
    assert np.abs(sum(played) - found.played).max() > 2e-4, "no tone was ended: no test"
    assert found.largest_difference < 1e-4


def only(score: pretty_midi.PrettyMIDI, part: str) -> pretty_midi.PrettyMIDI:
    """A score in which the other parts are not played."""
    reduced = copy(score)
    reduced.instruments = [one for one in score.instruments if one.name == part]
    return reduced


def test_what_a_part_adds_is_what_it_plays_alone() -> None:
    score, recording, _ = perform(RECIPE, "jazz", 1)
    alone = fold_down(render(only(score, "bass"), SAMPLE_RATE), recording, len(stems().mix))
    assert np.abs(stems().alone["bass"] - alone).max() < 1e-4


def test_a_part_is_muted_before_it_is_recorded() -> None:
    """The recording without it is that of the others playing, at the level of the whole."""
    score, recording, rng = perform(RECIPE, "jazz", 1)
    whole = render(score, SAMPLE_RATE)
    without = copy(score)
    without.instruments = [one for one in score.instruments if one.name != "drums"]
    takes = record_takes(
        [whole, render(without, SAMPLE_RATE)], recording, len(stems().mix), SAMPLE_RATE, rng
    )
    # To what the synthesiser's rounding becomes at the recording's level.
    np.testing.assert_allclose(stems().muted["drums"], takes[1], atol=3e-4)
    assert np.abs(stems().mix - takes[1]).max() > 0.01


def test_muting_changes_neither_gain_nor_noise() -> None:
    """With everything set for the whole, what is left keeps its level and the medium its noise."""
    rng = np.random.default_rng(0)
    sound = rng.normal(0, 0.1, (SAMPLE_RATE, 2)).astype(np.float32)
    _, recording, _ = perform(RECIPE, "jazz", 1)
    both, same, silent = record_takes(
        [sound, sound, 0 * sound], recording, len(sound), SAMPLE_RATE, np.random.default_rng(1)
    )
    np.testing.assert_array_equal(both, same)
    assert 0 < np.std(silent) < 0.1 * np.std(both)
    assert 20 * np.log10(np.std(both)) == pytest.approx(recording.level_db, abs=0.5)
