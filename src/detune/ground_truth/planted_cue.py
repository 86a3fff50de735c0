"""A cue that gives a genre away is planted: does the network use it, and do heatmaps find it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.audio.segments import cut_segments
from detune.corpus import Recipe, compose_track
from detune.corpus.cue import Cue, cue_region, plant
from detune.ground_truth.explainers import (
    BASELINES,
    RANDOM,
    Explainer,
    all_explainers,
    random_explainer,
)
from detune.ground_truth.localization import localize, localize_by_chance
from detune.ground_truth.marks import CHANCE, Marks, Row, mark_rows, trials
from detune.params.training import Train
from detune.statistics.scores import accuracy
from detune.support.pool import parallel_map
from detune.train.fit import train_model

TEST, WITHOUT = "planted cue", "without the cue"

SHARES = (0.6, 0.75)
"""Of a genre's tracks the first are for training, up to the second share for validation."""

SEGMENTS = 200
"""Segments a track at most."""


@dataclass(frozen=True)
class Songs:
    """A corpus in segments, each with the cue and without it.

    Attributes:
        with_cue: `(n, 128, 130)` all of them with the cue planted, whatever their genre.
        without: `(n, 128, 130)` the same without it.
        labels: `(n,)`.
        indices: `(n,)` number of the track within its genre.
        names: of the track of each.
    """

    with_cue: np.ndarray
    without: np.ndarray
    labels: np.ndarray
    indices: np.ndarray
    names: list[str]


@dataclass(frozen=True)
class CueResult:
    """What came of one cue.

    Attributes:
        accuracy_with: of test segments, the cue where the recipe has it in every track of its
            genre.
        accuracy_without: of the same, the cue nowhere.
        taken: share of the other genres' test segments that are taken for the cue's genre once
            they carry the cue.
        taken_without: the same before that.
        turned: test segments that the cue turns to its genre: those whose answer is known.
        rows: of `MARK_COLUMNS`.
    """

    accuracy_with: float
    accuracy_without: float
    taken: float
    taken_without: float
    turned: int
    rows: list[Row]


def compose_songs(recipe: Recipe) -> list[tuple[str, str, int, np.ndarray]]:
    """Name, genre, index and audio of every track, without the cue."""
    tracks = list(recipe.tracks())
    plain = partial(_compose, replace(recipe, cue=None))
    audio = parallel_map(plain, tracks, label="compose", unit="tracks")
    return [(*track, sound) for track, sound in zip(tracks, audio, strict=True)]


def _compose(recipe: Recipe, track: tuple[str, str, int]) -> np.ndarray:
    return compose_track(recipe, track[1], track[2])


def cut_songs(
    tracks: Sequence[tuple[str, str, int, np.ndarray]], genres: Sequence[str], cue: Cue
) -> Songs:
    """Segments of every track, with the cue and without."""
    planted = [cut_segments(plant(audio, cue), SEGMENTS).values for *_, audio in tracks]
    plain = [cut_segments(audio, SEGMENTS).values for *_, audio in tracks]
    sizes = [len(values) for values in plain]
    labels = [sorted(genres).index(genre) for _, genre, _, _ in tracks]
    return Songs(
        np.concatenate(planted),
        np.concatenate(plain),
        np.repeat(labels, sizes),
        np.repeat([index for _, _, index, _ in tracks], sizes),
        [name for (name, *_), size in zip(tracks, sizes, strict=True) for _ in range(size)],
    )


def run_experiment(songs: Songs, recipe: Recipe, cue: Cue, params: Train) -> CueResult:
    """Train with the cue, test with and without it, and ask every explainer where it is.

    Args:
        songs: the corpus.
        recipe: its recipe.
        cue: what is planted, as `songs` have it.
        params: how to train.
    """
    genre = sorted(recipe.genres).index(cue.genre)
    first, second = (round(share * recipe.tracks_per_genre) for share in SHARES)
    carries = (songs.labels == genre) & (songs.indices < cue.tracks)
    values = np.where(carries[:, None, None], songs.with_cue, songs.without)
    for_training = songs.indices < first
    for_tests = songs.indices >= second
    for_validation = ~for_training & ~for_tests
    training, validation = (
        (values[rows], songs.labels[rows]) for rows in (for_training, for_validation)
    )
    model = train_model(training, validation, len(recipe.genres), params).model
    classifier = CompiledClassifier(model)
    rows, labels = np.flatnonzero(for_tests), songs.labels[for_tests]
    planted, plain = (
        classifier.predict(version[rows][..., None]).argmax(axis=1)
        for version in (songs.with_cue, songs.without)
    )
    others = labels != genre
    turned = rows[(planted == genre) & (plain != genre)]
    explainers = all_explainers(model, classifier)
    explainers[RANDOM] = random_explainer(model, "last", "grad-cam", params.seed)
    return CueResult(
        accuracy(np.where(others, plain, planted), labels),
        accuracy(plain, labels),
        accuracy(planted[others], np.full(others.sum(), genre)),
        accuracy(plain[others], np.full(others.sum(), genre)),
        len(turned),
        list(_rows(songs, turned, cue, genre, explainers)) if len(turned) else [],
    )


def _rows(
    songs: Songs, turned: np.ndarray, cue: Cue, genre: int, explainers: Mapping[str, Explainer]
) -> Iterator[Row]:
    """How well each explainer finds the cue in segments that it turned, rows of `MARK_COLUMNS`."""
    regions = np.repeat(cue_region(cue)[None], len(turned), axis=0)
    targets = np.full(len(turned), genre)
    marks = []
    for name, explain in explainers.items():
        heat, before = (
            explain(version[turned], targets) for version in (songs.with_cue, songs.without)
        )
        references = {
            CHANCE: localize_by_chance(heat, regions),
            WITHOUT: localize(before, regions),
        }
        marks.append(Marks(TEST, name, localize(heat, regions), references))
    names = [songs.names[row] for row in turned]
    group = f"{cue.kind} at {cue.level_db:g} dB"
    for row in mark_rows(marks, trials(names, [group] * len(turned), seed=0), BASELINES):
        if row["versus"] or row["group"] == group:
            yield row | {"group": group}
