"""How far attention moves: heatmaps of the clean segments against those of changed ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from detune.collection.dataset import Split
from detune.gradcam.comparison import (
    ADVERSARIAL,
    ATTACK,
    FIRST_WRONG,
    HEADLINE,
    NOISE,
    NOISE_ORIGINAL,
    ORIGINAL,
    OTHER_CLASSES,
    RETRAINED,
    CleanHeatmaps,
    Comparison,
)
from detune.gradcam.gradcam import PREDICTED, GradCam
from detune.gradcam.measures import MEASURES, compare
from detune.gradcam.sampling import mean_by_row, other_class_pairs
from detune.gradcam.target import PREDICTED_GENRE, fixed_targets
from detune.statistics.bootstrap import Bootstrap
from detune.statistics.perturbation import signed_noise, sizes

PARTNERS = 10
"""Segments of other classes that each one is paired with."""


def explain_clean(cam: GradCam, test: Split, target: str = PREDICTED_GENRE) -> CleanHeatmaps:
    """Heatmaps of all test segments for all classes; `target` is the class of the question."""
    fixed = fixed_targets(target, test.labels, test.genres)
    genres = np.tile(np.arange(len(test.genres)), (len(test.values), 1))
    attention = cam.explain(test.values, genres)
    return CleanHeatmaps(attention.heatmaps, attention.logits.argmax(axis=1), fixed)


def compare_attack(
    cam: GradCam,
    test: Split,
    clean: CleanHeatmaps,
    cell: tuple[str, float],
    arrays: Mapping[str, np.ndarray],
    *,
    seed: int,
) -> tuple[list[Comparison], np.ndarray]:
    """What an attack at full strength does to attention, and a control of the same size.

    Args:
        cam: Grad-CAM of the attacked model.
        test: the test split.
        clean: its heatmaps.
        cell: method and epsilon.
        arrays: the cell's file; its examples are compared.
        seed: of the noise.

    Returns:
        The comparisons, and the heatmaps `(k, height, width)` of the examples.
    """
    rows, examples = arrays["example_rows"], arrays["examples"]
    predicted = arrays["example_logits"].argmax(axis=1)
    before, after = clean.targets[rows], clean.targets_after(rows, predicted)
    attacked = cam.explain(examples, np.stack([after, before], axis=1)).heatmaps
    # An attack may leave alone what was wrong before: there is nothing to compare.
    changed = (examples != test.values[rows]).any(axis=(1, 2))
    if not changed.any():
        return [], attacked[:, 0]
    others = {ATTACK: attacked[:, 0], ORIGINAL: attacked[:, 1]}
    if clean.fixed is None:
        others[ADVERSARIAL] = clean.heatmaps[rows, after]
    flipped = _spread(rows, predicted != clean.predictions[rows], _nowhere(test))
    kept, size = rows[changed], _sizes(test, rows[changed], examples[changed])
    comparisons = []
    for kind, other in others.items():
        values = _measured(clean, kept, other[changed])
        comparisons.append(Comparison(kind, values, flipped, *cell, size, _empty(other[changed])))
    comparisons += _compare_noise(cam, test, clean, cell, (kept, examples[changed]), seed=seed)
    comparisons += _compare_first_wrong(cam, test, clean, cell, arrays)
    return comparisons, attacked[:, 0]


def _compare_noise(
    cam: GradCam,
    test: Split,
    clean: CleanHeatmaps,
    cell: tuple[str, float],
    attacked: tuple[np.ndarray, np.ndarray],
    *,
    seed: int,
) -> list[Comparison]:
    """A change as large as the attack's at each point of the examples, but of random signs."""
    rows, examples = attacked
    origin = test.values[rows]
    size = np.abs(examples - origin)
    noisy = signed_noise(origin, size, [(seed, int(row)) for row in rows])
    after = clean.targets_after(rows, np.full(len(rows), PREDICTED))
    attention = cam.explain(noisy, np.stack([after, clean.targets[rows]], axis=1))
    heatmaps, predicted = attention.heatmaps, attention.logits.argmax(axis=1)
    flipped = _spread(rows, predicted != clean.predictions[rows], _nowhere(test))
    size = _sizes(test, rows, noisy)
    return [
        Comparison(kind, _measured(clean, rows, other), flipped, *cell, size, _empty(other))
        for kind, other in ((NOISE, heatmaps[:, 0]), (NOISE_ORIGINAL, heatmaps[:, 1]))
    ]


def _compare_first_wrong(
    cam: GradCam,
    test: Split,
    clean: CleanHeatmaps,
    cell: tuple[str, float],
    arrays: Mapping[str, np.ndarray],
) -> list[Comparison]:
    """The first misclassified iterate of the examples that have one, of attacks in steps."""
    places = np.searchsorted(arrays["row"], arrays["example_rows"])
    labels = arrays["label"][places]
    fell = (arrays["clean_prediction"][places] == labels) & (
        arrays["adversarial_prediction"][places] != labels
    )
    if not (fell.any() and arrays["example_losses"].size):
        return []
    rows, iterates = arrays["example_rows"][fell], arrays["first_wrong"][fell]
    heatmaps = cam.explain(iterates, clean.targets[rows]).heatmaps
    flipped = _spread(rows, np.ones(len(rows), dtype=bool), _nowhere(test))
    values, size = _measured(clean, rows, heatmaps), _sizes(test, rows, iterates)
    return [Comparison(FIRST_WRONG, values, flipped, *cell, size, _empty(heatmaps))]


def compare_other_classes(test: Split, clean: CleanHeatmaps, *, seed: int) -> Comparison:
    """How far apart heatmaps of segments of different classes are, the mean of each segment's."""
    pairs = other_class_pairs(test.labels, PARTNERS, seed)
    measured = compare(clean.own[pairs[:, 0]], clean.own[pairs[:, 1]])
    count = len(test.labels)
    values = {name: mean_by_row(each, pairs[:, 0], count) for name, each in measured.items()}
    return Comparison(OTHER_CLASSES, values, _nowhere(test))


def compare_retrained(retrained: GradCam, test: Split, clean: CleanHeatmaps) -> Comparison:
    """How far apart heatmaps of the same segment are under another head of the same network."""
    attention = retrained.explain(test.values, clean.targets)
    values = compare(clean.own, attention.heatmaps)
    flipped = attention.logits.argmax(axis=1) != clean.predictions
    return Comparison(RETRAINED, values, flipped, empty=_empty(attention.heatmaps))


def table(comparisons: Iterable[Comparison], bootstrap: Bootstrap) -> Iterator[dict[str, Any]]:
    """Rows of `TABLE_COLUMNS`: every measure of every comparison with its 95 % interval.

    Args:
        comparisons: what was compared.
        bootstrap: over the songs of the test segments.
    """
    for item in comparisons:
        for group, members in item.groups().items():
            for measure in MEASURES:
                values = np.where(members, item.values[measure], np.nan)
                estimate = bootstrap.estimate(values)
                if estimate is not None:
                    yield {
                        "comparison": item.kind,
                        "method": item.method,
                        "epsilon": "" if item.epsilon is None else item.epsilon,
                        "group": group,
                        "measure": measure,
                    } | vars(estimate)


def size_table(comparisons: Iterable[Comparison], bootstrap: Bootstrap) -> Iterator[dict[str, Any]]:
    """Rows of `SIZE_COLUMNS`: rank correlation for the original class by the change's real size.

    Args:
        comparisons: what was compared; those of a change for the original class count.
        bootstrap: over the songs of the test segments.
    """
    for item in comparisons:
        if item.kind not in (ORIGINAL, FIRST_WRONG, NOISE_ORIGINAL):
            continue
        values = item.values[HEADLINE]
        estimate = bootstrap.estimate(values)
        if estimate is not None:
            known = np.isfinite(values)
            yield {
                "comparison": item.kind,
                "method": item.method,
                "epsilon": item.epsilon,
                **{f"{name}_mean": float(size[known].mean()) for name, size in item.sizes.items()},
            } | vars(estimate)


def _measured(clean: CleanHeatmaps, rows: np.ndarray, others: np.ndarray) -> dict[str, np.ndarray]:
    """`others` `(m, height, width)` against the clean heatmaps of `rows`, NaN for other rows."""
    unknown = np.full(len(clean.targets), np.nan)
    measured = compare(clean.own[rows], others)
    return {name: _spread(rows, values, unknown) for name, values in measured.items()}


def _sizes(test: Split, rows: np.ndarray, changed: np.ndarray) -> dict[str, np.ndarray]:
    """Largest change and root mean square of the change of `rows`, NaN for other rows."""
    unknown = np.full(len(test.labels), np.nan)
    size = sizes(changed, test.values[rows])
    rms = size["l2"] / np.sqrt(changed[0].size)
    return {"linf": _spread(rows, size["linf"], unknown), "rms": _spread(rows, rms, unknown)}


def _nowhere(test: Split) -> np.ndarray:
    """No segment, `(n,)` bool."""
    return np.zeros(len(test.labels), dtype=bool)


def _spread(rows: np.ndarray, values: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """A copy of `onto` with `values` at `rows`."""
    result = onto.copy()
    result[rows] = values
    return result


def _empty(heatmaps: np.ndarray) -> int:
    """How many heatmaps are all zero."""
    return int((~heatmaps.any(axis=(-2, -1))).sum())
