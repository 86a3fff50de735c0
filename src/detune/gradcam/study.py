"""The whole study of attention: every cell, the controls, and whether heatmaps can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from detune.collection.dataset import Split
from detune.gradcam.cascade import cascade
from detune.gradcam.controls import spread_rows
from detune.gradcam.faithfulness import Curves, band_levels, curves
from detune.gradcam.gradcam import GradCam
from detune.gradcam.memory import Memory
from detune.gradcam.retrained import retrain_head
from detune.gradcam.shift import (
    ATTACK,
    CleanHeatmaps,
    Comparison,
    compare_attack,
    compare_noise,
    compare_retrained,
    compare_unrelated,
    explain_clean,
)
from detune.params import Gradcam
from detune.runtime import keras
from detune.support.files import read_npz
from detune.support.progress import progress

NOISY = 45
"""Test segments that noise is tried on, at each epsilon."""

TRUSTED = 20
"""Test segments of the sanity check, and of deletion and insertion."""

LEARNT = 300
"""Training segments that the dense layers learn from anew."""


@dataclass(frozen=True)
class Study:
    """What was found.

    Attributes:
        clean: heatmaps of the test segments.
        comparisons: of every cell, then of the controls.
        attacked: heatmaps `(n, height, width)` of the test segments under each method at the
            epsilon that is shown, by method.
        retrained_accuracy: share of test segments that dense layers learnt anew get right.
        sanity: the layer that became random last, and how heatmaps compare then, `(n,)` by
            measure, NaN for segments outside the sample.
        removal: deletion and insertion curves of `rows`.
        rows: which test segments these are.
    """

    clean: CleanHeatmaps
    comparisons: list[Comparison]
    attacked: dict[str, np.ndarray]
    retrained_accuracy: float
    sanity: list[tuple[str, dict[str, np.ndarray]]]
    removal: Curves
    rows: np.ndarray

    @property
    def zero_heatmaps(self) -> int:
        """Heatmaps that are all zero, clean or attacked, so that nothing can be said of them."""
        clean = int((~self.clean.own.any(axis=(1, 2))).sum())
        return clean + sum(item.empty for item in self.comparisons if item.kind == ATTACK)


FRESH = 1
"""Tells the study's random numbers from those of other stages with the same seed."""

CellFiles = Mapping[tuple[str, float], Path]
"""The file of each cell, by method and epsilon."""


def study(
    model: keras.Model,
    training: Split,
    test: Split,
    cells: CellFiles,
    params: Gradcam,
    *,
    seed: int,
    memory: Memory | None = None,
) -> Study:
    """Measure attention in every cell and hold it against controls.

    Args:
        model: the attacked model.
        training: the segments that it learnt from.
        test: the test split.
        cells: the grid's files.
        params: layer, method and target, and the epsilon that is shown.
        seed: of everything that is drawn.
        memory: heatmaps of an earlier run.
    """
    # Training may have begun from the same seed, and so from the same "random" weights.
    seed = int(np.random.default_rng([seed, FRESH]).integers(2**31))
    explainer = partial(GradCam, layer=params.layer, method=params.method, memory=memory)
    cam = explainer(model)
    clean = explain_clean(cam, test, params.target)
    comparisons, attacked = _attacks(cam, test, clean, cells, params.epsilon)
    noisy = spread_rows(test.labels, test.tracks, NOISY)
    epsilons = sorted({item.epsilon for item in comparisons if item.epsilon is not None})
    comparisons += [
        compare_noise(cam, test, clean, noisy, epsilon, seed=seed)
        for epsilon in progress(epsilons, label="noise", unit="epsilons", total=len(epsilons))
    ]
    comparisons.append(compare_unrelated(test, clean, seed=seed))
    learnt = spread_rows(training.labels, training.tracks, LEARNT)
    other = retrain_head(model, training.values[learnt], training.labels[learnt], seed=seed)
    comparison, accuracy = compare_retrained(explainer(other), test, clean)
    rows = spread_rows(test.labels, test.tracks, TRUSTED)
    shown = rows[clean.own[rows].any(axis=(1, 2))]
    return Study(
        clean=clean,
        comparisons=[*comparisons, comparison],
        attacked=attacked,
        retrained_accuracy=accuracy,
        sanity=_sanity(
            cascade(model, test.values[rows], seed=seed, explainer=explainer), test, rows
        ),
        removal=_removal(cam, training, test, clean, shown, seed=seed),
        rows=shown,
    )


def _attacks(
    cam: GradCam, test: Split, clean: CleanHeatmaps, cells: CellFiles, epsilon: float
) -> tuple[list[Comparison], dict[str, np.ndarray]]:
    """Comparisons of all cells, and the heatmaps of those at `epsilon` by method."""
    comparisons: list[Comparison] = []
    attacked: dict[str, np.ndarray] = {}
    # One file in memory at a time: each holds every segment of its cell.
    for cell, path in progress(cells.items(), label="attention", unit="cells", total=len(cells)):
        found, heatmaps = compare_attack(cam, test, clean, cell, read_npz(path))
        comparisons += found
        if cell[1] == epsilon:
            attacked[cell[0]] = heatmaps
    return comparisons, attacked


def _sanity(
    steps: Iterable[tuple[str, dict[str, np.ndarray]]], test: Split, rows: np.ndarray
) -> list[tuple[str, dict[str, np.ndarray]]]:
    """The cascade's steps on `rows`, their values spread over all test segments."""
    found = []
    for layer, values in steps:
        spread = {name: np.full(len(test.labels), np.nan) for name in values}
        for name, each in values.items():
            spread[name][rows] = each
        found.append((layer, spread))
    return found


def _removal(
    cam: GradCam, training: Split, test: Split, clean: CleanHeatmaps, rows: np.ndarray, *, seed: int
) -> Curves:
    """Deletion and insertion curves of `rows`."""

    def forward(segments: Any) -> np.ndarray:
        return cam.explain(segments, np.zeros(len(segments), np.int32)).logits

    return curves(
        forward,
        test.values[rows],
        clean.own[rows],
        clean.about[rows],
        band_levels(training.values),
        seed=seed,
    )
