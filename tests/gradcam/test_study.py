from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from detune.collection.dataset import IndexRow, Split
from detune.gradcam.comparison import ATTACK, OTHER_CLASSES, RETRAINED
from detune.gradcam.study import (
    Subject,
    compare_cells,
    compare_controls,
    count_zero,
    measure_removal,
    measure_sanity,
    prepare,
)
from detune.params.sections import Gradcam
from detune.support.files import write_npz

PARAMS = Gradcam(
    method="grad-cam",
    layer="last",
    target="predicted",
    epsilon=0.1,
    correct_per_genre=1,
    failures=1,
    attacked=2,
)


@pytest.fixture(scope="module")
def split(segments: np.ndarray, labels: np.ndarray) -> Split:
    index = [
        IndexRow("test", row, f"t{row % 8}", "abc"[label], int(label), 0, 0.0, -80.0, 0.0)
        for row, label in enumerate(labels)
    ]
    return Split(segments, index, list("abc"))


@pytest.fixture(scope="module")
def subject(network: Any, split: Split) -> Subject:
    return prepare(network, split, split, PARAMS, seed=1)


@pytest.fixture(scope="module")
def grid(network: Any, split: Split, tmp_path_factory: pytest.TempPathFactory) -> dict[Any, Any]:
    """Four methods, one of them on a sample of rows, at two epsilons."""
    folder = tmp_path_factory.mktemp("attacks")
    predicted = network.predict(split.values[..., None], verbose=0).argmax(axis=1)
    files = {}
    for method, factor in {"fgsm": 0.9, "pgd": 0.5, "noise": 0.7, "square": 0.8}.items():
        rows = np.arange(3, 9) if method == "square" else np.arange(19)
        examples = (factor * split.values[rows[:5]]).astype(np.float32)
        for epsilon in (0.1, 0.2):
            files[method, epsilon] = folder / f"{method}-{epsilon}.npz"
            write_npz(
                files[method, epsilon],
                row=rows,
                label=split.labels[rows],
                clean_prediction=predicted[rows],
                adversarial_prediction=predicted[rows],
                example_rows=rows[:5],
                examples=examples,
                example_logits=network.predict(examples[..., None], verbose=0),
                example_losses=np.zeros((5, 3), np.float32),
                first_wrong=examples,
            )
    return files


def test_every_cell_is_compared_and_has_heatmaps(subject: Subject, grid: dict[Any, Any]) -> None:
    comparisons, heatmaps = compare_cells(subject, grid)
    cells = [(item.method, item.epsilon) for item in comparisons if item.kind == ATTACK]
    assert cells == list(grid)
    assert list(heatmaps) == list(grid)
    assert all(values.shape == (5, 15, 15) for values in heatmaps.values())
    known = {
        item.method: np.flatnonzero(np.isfinite(item.sizes["rms"])).tolist()
        for item in comparisons
        if item.kind == ATTACK
    }
    assert known["pgd"] == [0, 1, 2, 3, 4]
    assert known["square"] == [3, 4, 5, 6, 7]


def test_the_controls_are_other_classes_and_a_retrained_head(subject: Subject) -> None:
    first, second = compare_controls(subject)
    assert (first.kind, second.kind) == (OTHER_CLASSES, RETRAINED)
    assert np.nanmean(first.values["ssim"]) < np.nanmean(second.values["ssim"]) < 1


def test_empty_heatmaps_are_counted(subject: Subject, grid: dict[Any, Any]) -> None:
    comparisons, heatmaps = compare_cells(subject, grid)
    clean = (~subject.clean.own.any(axis=(1, 2))).sum()
    drawn = [item for item in comparisons if item.epsilon == 0.1]
    pictured = [values for cell, values in heatmaps.items() if cell[1] == 0.1]
    attacked = sum((~values.any(axis=(1, 2))).sum() for values in pictured)
    assert count_zero(subject.clean, drawn) == {"zero_heatmaps": clean + attacked}


def test_trust_is_measured_on_a_sample(subject: Subject) -> None:
    assert [layer for layer, _ in measure_sanity(subject)] == ["logits", "conv"]
    removal, rows = measure_removal(subject)
    assert all(len(curve) == len(rows) for curve in vars(removal).values())
    assert subject.clean.own[rows].any(axis=(1, 2)).all()


def test_a_second_study_finds_the_same(network: Any, split: Split, subject: Subject) -> None:
    again = prepare(network, split, split, PARAMS, seed=1)
    for curve, values in vars(measure_removal(subject)[0]).items():
        np.testing.assert_array_equal(values, getattr(measure_removal(again)[0], curve))
    for (_, first), (_, second) in zip(measure_sanity(subject), measure_sanity(again), strict=True):
        np.testing.assert_array_equal(first["ssim"], second["ssim"])


def test_where_all_heatmaps_are_zero_removal_is_empty(subject: Subject) -> None:
    clean = replace(subject.clean, heatmaps=np.zeros_like(subject.clean.heatmaps))
    removal, rows = measure_removal(replace(subject, clean=clean))
    assert rows.size == 0
    assert all(len(curve) == 0 for curve in vars(removal).values())
    assert count_zero(clean, []) == {"zero_heatmaps": len(clean.own)}
