"""The study: every test with a known answer on one model, as rows, figures and a line of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.example_selection import draw_right
from detune.collection.dataset import Split
from detune.corpus.recipe import Recipe
from detune.gradcam.cam_methods import CAM_METHODS
from detune.ground_truth import confined_attack, part_agreement
from detune.ground_truth.explainers import (
    BASELINES,
    LOUDEST,
    RANDOM,
    Explainer,
    all_explainers,
    random_explainer,
)
from detune.ground_truth.localization import INSIDE, IOU, POINTING
from detune.ground_truth.marks import Row, describe_differences, headline, mark_rows, trials
from detune.ground_truth.part_agreement import AGREEMENT, LOUDEST_PART, mute_losses
from detune.ground_truth.part_agreement import mark_explainers as mark_parts
from detune.ground_truth.parts import take_apart
from detune.network.runtime import keras

SEED_OFFSET = 2
"""Tells the study's random numbers from those of other stages with the same seed."""

CONTROL_METHOD = "grad-cam"
"""The method that is asked about a network with random weights."""


PICTURE = (
    *((confined_attack.TEST, measure) for measure in (POINTING, IOU, INSIDE)),
    *((test, AGREEMENT) for test in (part_agreement.TEST, part_agreement.UNDER_ATTACK)),
)
"""Tests and measures that are drawn."""

COMPARED = ("*.beyond_loudest_place.value",)
"""What of `metrics/ground_truth.json` is no detail."""


@dataclass(frozen=True)
class Subject:
    """What is tested.

    Attributes:
        classifier: the model, as attacks see it.
        explainers: every CAM method and the baselines, by name.
        split: the segments.
        logits: `(n, genres)` of them.
        seed: of everything that is drawn.
    """

    classifier: CompiledClassifier
    explainers: Mapping[str, Explainer]
    split: Split
    logits: np.ndarray
    seed: int

    def forward(self, segments: np.ndarray) -> np.ndarray:
        """Logits `(n, genres)` of segments `(n, 128, 130)`."""
        return self.classifier.predict(segments[..., None])

    def right_rows(self, count: int) -> np.ndarray:
        """At most `count` segments that are right, drawn evenly from genres and songs."""
        predictions, labels = self.logits.argmax(axis=1), self.split.labels
        return draw_right(labels, predictions, self.split.tracks, count, self.seed)


@dataclass(frozen=True)
class Result:
    """What a test found: its name, rows of `MARK_COLUMNS`, headline figures, and words."""

    test: str
    rows: Sequence[Row]
    figures: Row
    message: str


def prepare(
    model: keras.Model, split: Split, logits: np.ndarray, *, layer: str, seed: int
) -> Subject:
    """Explain `model`, whose logits of `split` are known, at `layer`."""
    seed = int(np.random.default_rng([seed, SEED_OFFSET]).integers(2**31))
    classifier = CompiledClassifier(model)
    explainers = all_explainers(model, classifier, layer)
    explainers[RANDOM] = random_explainer(model, layer, CONTROL_METHOD, seed)
    return Subject(classifier, explainers, split, logits, seed)


def run_tests(
    subject: Subject, segments: int, recipe: Recipe | None, cell: Mapping[str, np.ndarray]
) -> list[Result]:
    """Every test.

    Args:
        subject: what is tested.
        segments: at most so many of each test; with 0 nothing is tested.
        recipe: of the corpus that the segments come from, or None for recordings.
        cell: arrays of a cell's file: its examples are the segments under attack.
    """
    if not segments:
        return [Result("off", [], {}, "off: ground_truth.segments is 0")]
    confined = run_confined_attack(subject, segments)
    if recipe is None:
        absent = f"{part_agreement.TEST}: absent, only the embedded corpus is known in parts"
        return [confined, Result(part_agreement.TEST, [], {"segments": 0}, absent)]
    rows, examples = cell["example_rows"][:segments], cell["examples"][:segments]
    return [confined, *run_true_stems(subject, recipe, rows, examples)]


def run_confined_attack(subject: Subject, segments: int) -> Result:
    """Attack `segments` of the right segments, each in several known windows."""
    rows = subject.right_rows(segments)
    fallen = confined_attack.attack_windows(
        subject.classifier, subject.split, rows, seed=subject.seed
    )
    counts = {"windows": fallen.tried, "fell": len(fallen.rows)}
    said = f"{counts['fell']} of {counts['windows']} attacks confined to a window succeed"
    if not counts["fell"]:
        return Result(confined_attack.TEST, [], counts, said)
    marks = confined_attack.mark_explainers(fallen, subject.explainers)
    songs = [subject.split.tracks[row] for row in fallen.rows]
    table = list(mark_rows(marks, trials(songs, fallen.sizes, subject.seed), BASELINES))
    return Result(
        confined_attack.TEST,
        table,
        counts | headline(table, POINTING, LOUDEST),
        f"{said}; pointing game {describe_differences(table, POINTING, LOUDEST, CAM_METHODS)}",
    )


def run_true_stems(
    subject: Subject, recipe: Recipe, rows: np.ndarray, examples: np.ndarray
) -> list[Result]:
    """Mute the parts of segments one by one, as they are and under attack.

    Args:
        subject: what is tested.
        recipe: of the corpus that the segments come from.
        rows: `(n,)` the segments.
        examples: `(n, 128, 130)` the same under attack.
    """
    parts = take_apart(recipe, subject.split, rows)
    songs = [subject.split.tracks[row] for row in rows]
    genres = [subject.split.index[row].genre for row in rows]
    tested = trials(songs, genres, subject.seed)
    counts: Row = {
        "segments": len(rows),
        "parts_heard": int(parts.heard.sum()),
        "sum_of_parts_difference": float(parts.difference.max()),
    }
    results = []
    for test, segments in (
        (part_agreement.TEST, parts.whole),
        (part_agreement.UNDER_ATTACK, examples),
    ):
        targets = subject.forward(segments).argmax(axis=1)
        losses = mute_losses(subject.forward, parts, segments - parts.whole, targets)
        explained = segments, targets
        marks = mark_parts(test, parts, losses, explained, subject.explainers)
        table = list(mark_rows(marks, tested, (*BASELINES, LOUDEST_PART)))
        figures = counts | headline(table, AGREEMENT, LOUDEST)
        said = (
            f"{test}: rank agreement {describe_differences(table, AGREEMENT, LOUDEST, CAM_METHODS)}"
        )
        results.append(Result(test, table, figures, said))
    return results


def headlines(results: Sequence[Result]) -> Row:
    """The headline figures of every test, by name."""
    return {
        result.test.replace(",", "").replace(" ", "_"): dict(result.figures) for result in results
    }
