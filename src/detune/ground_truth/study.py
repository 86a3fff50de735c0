"""The study: every test with a known answer on one model, as rows, figures and a line of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detune.attack.cell import draw_examples
from detune.attack.classifier import CompiledClassifier
from detune.collection.dataset import Split
from detune.ground_truth import confined_attack
from detune.ground_truth.explainers import (
    BASELINES,
    LOUDEST,
    RANDOM,
    Explainer,
    all_explainers,
    random_explainer,
)
from detune.ground_truth.localization import POINTING
from detune.ground_truth.marks import Row, headline, mark_rows, trials, verdict
from detune.network.runtime import keras

SEED_OFFSET = 2
"""Tells the study's random numbers from those of other stages with the same seed."""

CONTROL_METHOD = "grad-cam"
"""The method that is asked about a network with random weights."""


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

    def right_rows(self, count: int) -> np.ndarray:
        """At most `count` segments that are right, drawn evenly from genres and songs."""
        predictions, labels = self.logits.argmax(axis=1), self.split.labels
        drawn = draw_examples(labels, predictions, self.split.tracks, len(labels), self.seed)
        return np.asarray(drawn[predictions[drawn] == labels[drawn]][:count])


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
        counts | {POINTING: headline(table, POINTING)},
        f"{said}; pointing game {verdict(table, POINTING, LOUDEST)}",
    )


def headlines(results: Sequence[Result]) -> Row:
    """The headline figures of every test, by name."""
    return {result.test.replace(" ", "_"): dict(result.figures) for result in results}
