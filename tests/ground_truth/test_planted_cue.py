from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from detune.audio.constants import SHAPE
from detune.corpus import Recipe
from detune.corpus.cue import Cue
from detune.gradcam.cam_methods import CAM_METHODS
from detune.gradcam.gradcam import GradCam
from detune.ground_truth.explainers import Explainer, heat_on_segments, random_explainer
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


PLACES = np.arange(0, 128, 16)
"""Where bands of 16 begin that together are the whole segment."""


def louder(values: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`values` `(n, 128, 130)` with a band from each of `starts` `(n,)` raised, and its region."""
    bands = np.arange(SHAPE[0])[None] - starts[:, None]
    regions = np.repeat(((bands >= 0) & (bands < 16))[..., None], SHAPE[1], axis=2)
    return values + 0.4 * regions.astype(np.float32), regions


def beside_a_decoy(
    explain: Explainer, starts: np.ndarray, decoys: np.ndarray, target: int
) -> dict[str, float]:
    """Pointing and share of heat: of the cue, of an equally loud place, and by chance."""
    plain = np.random.default_rng(0).uniform(0.2, 0.6, (len(starts), *SHAPE)).astype(np.float32)
    planted, cues = louder(plain, starts)
    planted, others = louder(planted, decoys)
    heat = explain(planted, np.full(len(plain), target))
    found = localize(heat, cues), localize(heat, others), localize_by_chance(heat, cues)
    return {
        f"{name} {where}": float(marks[name].mean())
        for where, marks in zip(("cue", "decoy", "chance"), found, strict=True)
        for name in (POINTING, INSIDE)
    }


@pytest.mark.parametrize("method", CAM_METHODS)
def test_random_weights_take_a_place_as_loud_as_the_cue_for_the_cue(
    network: Any, method: str
) -> None:
    """They follow what is loud, so the heat moved elsewhere is no chance level for a loud cue."""
    rng = np.random.default_rng(1)
    drawn = np.stack([rng.permutation(PLACES)[:2] for _ in range(64)])
    explain = random_explainer(network, "last", method, seed=2)
    marks = beside_a_decoy(explain, drawn[:, 0], drawn[:, 1], target=0)
    # Two standard errors of 64 trials that are 1, 0 or -1.
    assert abs(marks["pointing cue"] - marks["pointing decoy"]) < 0.25
    assert abs(marks["inside cue"] - marks["inside decoy"]) < 0.05
    assert marks["pointing cue"] + marks["pointing decoy"] > 4 * marks["pointing chance"]


@pytest.mark.parametrize("method", CAM_METHODS)
def test_a_network_that_hears_the_cue_is_not_misled_by_a_place_as_loud(method: str) -> None:
    starts, decoys = np.array([40, 48, 56]), np.array([0, 16, 96])
    cam = GradCam(band_listener(), "last", method)
    marks = beside_a_decoy(partial(heat_on_segments, cam), starts, decoys, target=1)
    assert (marks["pointing cue"], marks["pointing decoy"]) == (1, 0)
    assert marks["inside decoy"] < 0.01
