"""The study of attention: every cell, the controls, and whether heatmaps can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from detune.collection.dataset import Split
from detune.gradcam.comparison import ATTACK, CleanHeatmaps, Comparison
from detune.gradcam.faithfulness import Curves, band_levels, curves
from detune.gradcam.gradcam import GradCam
from detune.gradcam.heatmap_cache import HeatmapCache
from detune.gradcam.parameter_randomization import randomize_parameters
from detune.gradcam.retrained import retrain_head
from detune.gradcam.sampling import spread_rows
from detune.gradcam.shift import (
    compare_attack,
    compare_other_classes,
    compare_retrained,
    explain_clean,
)
from detune.network.runtime import keras
from detune.params.sections import Gradcam
from detune.support.files import read_npz
from detune.support.progress import progress

N_TRUST_SEGMENTS = 20
"""Test segments of parameter randomization, and of deletion and insertion."""

N_HEAD_SEGMENTS = 300
"""Training segments that the retrained head learns from."""

SEED_OFFSET = 1
"""Tells the study's random numbers from those of other stages with the same seed."""

CellFiles = Mapping[tuple[str, float], Path]
"""The file of each cell, by method and epsilon."""


@dataclass(frozen=True)
class Subject:
    """What is studied: a model, its heatmaps of the test segments, and a source of chance.

    Attributes:
        model: the attacked model.
        explainer: makes the `GradCam` of a model.
        training: the segments that it learned from.
        test: the test split.
        clean: its heatmaps.
        seed: of everything that is drawn.
    """

    model: keras.Model
    explainer: Any
    training: Split
    test: Split
    clean: CleanHeatmaps
    seed: int


def prepare(
    model: keras.Model,
    training: Split,
    test: Split,
    params: Gradcam,
    *,
    seed: int,
    cache: HeatmapCache | None = None,
) -> Subject:
    """Explain the clean test segments.

    Args:
        model: the attacked model.
        training: the segments that it learned from.
        test: the test split.
        params: layer, method and target.
        seed: of everything that is drawn.
        cache: heatmaps of an earlier run.
    """
    # Training may have begun from the same seed, and so from the same "random" weights.
    seed = int(np.random.default_rng([seed, SEED_OFFSET]).integers(2**31))
    explainer = partial(GradCam, layer=params.layer, method=params.method, cache=cache)
    clean = explain_clean(explainer(model), test, params.target)
    return Subject(model, explainer, training, test, clean, seed)


def compare_cells(
    subject: Subject, cells: CellFiles
) -> tuple[list[Comparison], dict[tuple[str, float], np.ndarray]]:
    """Comparisons of all cells, and the examples' heatmaps by cell."""
    comparisons: list[Comparison] = []
    attacked: dict[tuple[str, float], np.ndarray] = {}
    cam = subject.explainer(subject.model)
    for cell, path in progress(cells.items(), label="attention", unit="cells", total=len(cells)):
        compared, attacked[cell] = compare_attack(
            cam, subject.test, subject.clean, cell, read_npz(path), seed=subject.seed
        )
        comparisons += compared
    return comparisons, attacked


def compare_controls(subject: Subject) -> list[Comparison]:
    """Other classes, and the same network with a retrained head."""
    training = subject.training
    rows = spread_rows(training.labels, training.tracks, N_HEAD_SEGMENTS)
    other = retrain_head(
        subject.model, training.values[rows], training.labels[rows], seed=subject.seed
    )
    return [
        compare_other_classes(subject.test, subject.clean, seed=subject.seed),
        compare_retrained(subject.explainer(other), subject.test, subject.clean),
    ]


def measure_sanity(subject: Subject) -> list[tuple[str, dict[str, np.ndarray]]]:
    """The layer that became random last, and how heatmaps compare then.

    Values are `(n,)` by measure, NaN for segments outside the sample.
    """
    rows = _trust_rows(subject.test)
    steps = randomize_parameters(
        subject.model, subject.test.values[rows], seed=subject.seed, explainer=subject.explainer
    )
    sanity = []
    for layer, values in steps:
        spread = {name: np.full(len(subject.test.labels), np.nan) for name in values}
        for name, each in values.items():
            spread[name][rows] = each
        sanity.append((layer, spread))
    return sanity


def measure_removal(subject: Subject) -> tuple[Curves, np.ndarray]:
    """Deletion and insertion curves of a sample, and which test segments it is."""
    cam = subject.explainer(subject.model)
    rows = _trust_rows(subject.test)
    rows = rows[subject.clean.own[rows].any(axis=(1, 2))]

    def forward(segments: Any) -> np.ndarray:
        logits: np.ndarray = cam.explain(segments, np.zeros(len(segments), np.int32)).logits
        return logits

    levels = band_levels(subject.training.values)
    clean = subject.clean
    removal = curves(
        forward,
        subject.test.values[rows],
        clean.own[rows],
        clean.targets[rows],
        levels,
        seed=subject.seed,
    )
    return removal, rows


def count_zero(clean: CleanHeatmaps, comparisons: Sequence[Comparison]) -> dict[str, int]:
    """`zero_heatmaps`: how many, clean or attacked, are all zero, so that they say nothing."""
    empty = int((~clean.own.any(axis=(1, 2))).sum())
    empty += sum(item.empty for item in comparisons if item.kind == ATTACK)
    return {"zero_heatmaps": empty}


def _trust_rows(test: Split) -> np.ndarray:
    """A sample of the test segments, spread over genres and songs."""
    return spread_rows(test.labels, test.tracks, N_TRUST_SEGMENTS)
