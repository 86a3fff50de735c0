from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from detune.audio.constants import SHAPE
from detune.corpus import Recipe
from detune.corpus.cue import Cue
from detune.gradcam.cam_methods import CAM_METHODS
from detune.ground_truth.explainers import random_explainer
from detune.ground_truth.localization import INSIDE, POINTING, localize, localize_by_chance
from detune.ground_truth.marks import MARK_COLUMNS
from detune.ground_truth.planted_cue import (
    CueResult,
    Songs,
    compose_songs,
    cut_songs,
    run_experiment,
)
from tests.ground_truth.toy import BAND, band_listener, band_mask

CUE = Cue("rock", "tone", -20.0, tracks=20)
RECIPE = Recipe(
    seed=1, seconds=3.0, tracks_per_genre=20, crossover=0.0, genres=("rock", "jazz"), cue=CUE
)


@pytest.fixture(scope="module")
def songs() -> Songs:
    """A segment a song; the cue makes the toy's band loud."""
    plain = np.random.default_rng(0).uniform(0.2, 0.4, (40, *SHAPE)).astype(np.float32)
    planted = plain.copy()
    planted[:, BAND] += 0.4
    indices = np.tile(np.arange(20), 2)
    names = [f"{genre}.{index}" for genre in ("jazz", "rock") for index in range(20)]
    return Songs(planted, plain, np.repeat([0, 1], 20), indices, names)


@pytest.fixture(scope="module")
def found(songs: Songs) -> CueResult:
    """What is found of a network that hears the cue and nothing else."""
    asked: dict[str, Any] = {}

    def trained(training: Any, validation: Any, genres: int, params: Any) -> Any:
        asked.update(training=training, validation=validation, genres=genres)
        return SimpleNamespace(model=band_listener())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("detune.ground_truth.planted_cue.train_model", trained)
        patch.setattr("detune.ground_truth.planted_cue.cue_region", lambda _: band_mask())
        result = run_experiment(songs, RECIPE, CUE, SimpleNamespace(seed=1))  # type: ignore[arg-type]
    (values, labels), (others, _) = asked["training"], asked["validation"]
    assert (len(values), len(others), asked["genres"]) == (24, 6, 2)
    loud = values[:, BAND].mean(axis=(1, 2)) > 0.5
    assert np.array_equal(loud, labels == 1), "the cue is in every song of its genre, and no other"
    return result


def test_without_the_cue_a_network_that_uses_it_is_lost(found: CueResult) -> None:
    assert (found.accuracy_with, found.accuracy_without) == (1.0, 0.5)
    assert (found.taken, found.taken_without) == (1.0, 0.0)
    assert found.turned == 10


def test_every_method_points_at_the_cue_that_the_network_hears(found: CueResult) -> None:
    marks = {
        row["method"]: row["value"]
        for row in found.rows
        if row["measure"] == POINTING and not row["versus"]
    }
    assert all(marks[method] == 1 for method in CAM_METHODS)
    assert all(set(row) == set(MARK_COLUMNS) for row in found.rows)
    assert {row["group"] for row in found.rows} == {"tone at -20 dB"}


def test_songs_are_cut_with_the_cue_and_without() -> None:
    recipe = Recipe(
        seed=1, seconds=6.0, tracks_per_genre=1, crossover=0.0, genres=("rock", "jazz"), cue=CUE
    )
    songs = cut_songs(compose_songs(recipe), recipe.genres, CUE)
    assert songs.with_cue.shape == songs.without.shape == (4, *SHAPE)
    assert songs.labels.tolist() == [1, 1, 0, 0]
    assert len(set(songs.names)) == 2
    assert (np.abs(songs.with_cue - songs.without).max(axis=(1, 2)) > 0.05).all()


PLACES = [slice(start, start + 16) for start in range(0, 128, 16)]
"""Bands that together are the whole segment: a cue in each of them in turn."""


@pytest.mark.parametrize("method", CAM_METHODS)
def test_random_weights_get_chance(network: Any, method: str) -> None:
    """Over all places, with a cue that is no louder than the music around it."""
    rng = np.random.default_rng(0)
    plain = rng.uniform(0.2, 0.6, (12, *SHAPE)).astype(np.float32)
    explain = random_explainer(network, "last", method, seed=2)
    beyond = []
    for place in PLACES:
        planted, regions = plain.copy(), np.zeros(plain.shape, bool)
        regions[:, place] = True
        planted[:, place] = rng.uniform(0.2, 0.6, planted[:, place].shape)
        heat = explain(planted, np.zeros(len(plain), np.int64))
        marks, chance = localize(heat, regions), localize_by_chance(heat, regions)
        beyond.append([(marks[name] - chance[name]).mean() for name in (POINTING, INSIDE)])
    pointing, inside = np.mean(beyond, axis=0)
    # Twice the standard error of 96 trials at a chance of one in eight; heat is not all or nothing.
    assert abs(pointing) < 0.07
    assert abs(inside) < 0.01
