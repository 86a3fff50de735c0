from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from detune.audio.constants import SAMPLE_RATE
from detune.corpus import Recipe, compose_track
from detune.corpus.recording import record_takes
from detune.corpus.render import render
from detune.corpus.stems import PARTS, Stems, compose_stems
from detune.corpus.track import perform

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
    assert found.largest_difference == np.abs(difference).max() < 1.3e-4


def test_what_a_part_adds_is_what_it_plays_alone() -> None:
    score, recording, _ = perform(RECIPE, "jazz", 1)
    score.instruments = [one for one in score.instruments if one.name == "bass"]
    sound = render(score, SAMPLE_RATE)[: len(stems().mix)]
    alone = sound[:, 0] * recording.left + sound[:, 1] * (1 - recording.left)
    assert np.abs(stems().alone["bass"][: len(alone)] - alone).max() < 1e-4


def test_a_part_is_muted_before_it_is_recorded() -> None:
    """The recording without it is not the recording of the whole minus something linear."""
    score, recording, rng = perform(RECIPE, "jazz", 1)
    whole = render(score, SAMPLE_RATE)
    score.instruments = [one for one in score.instruments if one.name != "drums"]
    takes = record_takes(
        [whole, render(score, SAMPLE_RATE)], recording, len(stems().mix), SAMPLE_RATE, rng
    )
    np.testing.assert_array_equal(stems().muted["drums"], takes[1])


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
