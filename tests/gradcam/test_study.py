from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.collection.dataset import IndexRow, Split
from detune.gradcam.shift import ATTACK, NOISE, RETRAINED, UNRELATED
from detune.gradcam.study import Study, study
from detune.params import Gradcam
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
def found(network: Any, split: Split, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Four methods, one of them on a sample of rows; noise as a method changes nothing here."""
    folder = tmp_path_factory.mktemp("attacks")
    changes = {"fgsm": 0.9, "pgd": 0.5, "noise": 1.0, "square": 0.8}
    grid = {}
    for method, factor in changes.items():
        rows = np.arange(3, 9) if method == "square" else np.arange(19)
        adversarial = (factor * split.values[rows]).astype(np.float32)
        predicted = network.predict(adversarial[..., None], verbose=0).argmax(axis=1)
        grid[method, 0.1] = folder / f"{method}-0.1.npz"
        write_npz(
            grid[method, 0.1], row=rows, adversarial=adversarial, adversarial_prediction=predicted
        )
    return study(network, split, split, grid, PARAMS, seed=1)


def test_everything_is_measured(found: Study) -> None:
    kinds = [(item.kind, item.method) for item in found.comparisons]
    attacks = [method for kind, method in kinds if kind == ATTACK]
    assert attacks == ["fgsm", "pgd", "noise", "square"]
    assert [kind for kind, method in kinds if not method] == [NOISE, UNRELATED, RETRAINED]
    assert set(found.attacked) == {"fgsm", "pgd", "noise", "square"}
    assert all(heatmaps.shape == (19, 15, 15) for heatmaps in found.attacked.values())
    assert [layer for layer, _ in found.sanity] == ["logits", "conv"]
    assert all(len(curve) == len(found.rows) for curve in vars(found.removal).values())
    assert found.clean.own[found.rows].any(axis=(1, 2)).all()


def test_a_sample_counts_only_its_own_rows(found: Study) -> None:
    (square,) = (i for i in found.comparisons if (i.kind, i.method) == (ATTACK, "square"))
    known = np.flatnonzero(np.isfinite(square.values["shift_bands"]))
    assert set(known) <= set(range(3, 9))


def test_empty_heatmaps_are_counted(found: Study) -> None:
    clean = (~found.clean.own.any(axis=(1, 2))).sum()
    attacked = sum(
        (~heatmaps.any(axis=(1, 2)) & np.isin(np.arange(19), rows)).sum()
        for (method, heatmaps) in found.attacked.items()
        for rows in [np.arange(3, 9) if method == "square" else np.arange(19)]
        if method != "noise"
    )
    assert found.zero_heatmaps == clean + attacked


def test_a_second_study_finds_the_same(network: Any, split: Split, found: Study) -> None:
    again = study(network, split, split, {}, PARAMS, seed=1)
    for curve, values in vars(found.removal).items():
        np.testing.assert_array_equal(values, getattr(again.removal, curve))
    assert again.retrained_accuracy == found.retrained_accuracy
    for (_, first), (_, second) in zip(found.sanity, again.sanity, strict=True):
        np.testing.assert_array_equal(first["ssim"], second["ssim"])
