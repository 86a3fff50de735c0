from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from detune.figures.attention_shift import LEVELS, draw_study
from detune.gradcam.comparison import (
    ADVERSARIAL,
    ATTACK,
    FIRST_WRONG,
    NOISE,
    NOISE_ORIGINAL,
    ORIGINAL,
    OTHER_CLASSES,
    RETRAINED,
)

EPSILONS = (0.1, 0.001, 0.01)


def row(comparison: str, method: str, epsilon: Any, value: float, **more: Any) -> dict[str, Any]:
    return {
        "comparison": comparison,
        "method": method,
        "epsilon": epsilon,
        "group": "all",
        "measure": "spearman",
        "songs": 9,
        "value": value,
        "low": value - 0.1,
        "high": value + 0.1,
    } | more


OF_CELLS = {ATTACK: 5, ORIGINAL: 3, ADVERSARIAL: 4, NOISE: 2, NOISE_ORIGINAL: 1}
"""Each kind of comparison, and how fast it falls with epsilon."""

ROWS = [
    row(kind, method, epsilon, 1 - slope * epsilon, group=group)
    for kind, slope in OF_CELLS.items()
    for group in (("flipped",) if kind == ADVERSARIAL else ("all", "flipped"))
    for method, epsilon in product(("pgd", "fgsm"), EPSILONS)
]
ROWS += [row(OTHER_CLASSES, "", "", 0.1), row(RETRAINED, "", "", 0.8)]
ROWS += [row(ATTACK, "pgd", 0.1, 0.5, measure="overlap")]
SIZES = [
    row(kind, method, epsilon, 0.5, rms_mean=0.8 * epsilon, linf_mean=epsilon)
    for kind in (ORIGINAL, FIRST_WRONG, NOISE_ORIGINAL)
    for method, epsilon in product(("pgd", "fgsm"), EPSILONS)
    if (kind, method) != (FIRST_WRONG, "fgsm")
]
SANITY = [
    {"layer": layer, "measure": measure, "value": 0.1, "low": 0.0, "high": 0.2}
    for layer, measure in product(("logits", "conv"), ("spearman", "ssim"))
]
REMOVAL = [
    {"curve": curve, "share": share, "value": 1 - share, "low": 0.0, "high": 1.0}
    for curve, share in product(
        ("deletion", "deletion_random", "insertion", "insertion_random"), (0.0, 0.5, 1.0)
    )
]


def study(path: Any, rows: Any = ROWS, sizes: Any = SIZES) -> None:
    draw_study(rows, sizes, SANITY, REMOVAL, path)


def lines_of(ax: Any) -> dict[str, Any]:
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def test_the_study_is_a_picture(check_picture) -> None:
    check_picture(study)


def test_methods_and_their_noise_are_lines_over_sorted_epsilons(sketched) -> None:
    ax = sketched(study).axes[0]
    lines = lines_of(ax)
    assert set(lines) == {
        *("PGD", "FGSM", "control: noise as large as PGD", "control: noise as large as FGSM"),
        "clean, for PGD's adversarial class",
    }
    for line in lines.values():
        assert list(line.get_xdata()) == sorted(EPSILONS)
    np.testing.assert_allclose(lines["PGD"].get_ydata(), [0.995, 0.95, 0.5])
    assert {text.get_text() for text in ax.texts} == set(LEVELS.values())


def test_the_original_class_has_a_panel_of_its_own(sketched) -> None:
    ax = sketched(study).axes[1]
    lines = lines_of(ax)
    np.testing.assert_allclose(lines["PGD"].get_ydata(), [0.997, 0.97, 0.7])
    noise = lines["control: noise as large as PGD"]
    np.testing.assert_allclose(noise.get_ydata(), [0.999, 0.99, 0.9])
    assert "original class" in ax.get_title()


def test_both_kinds_of_iterate_are_drawn_by_their_real_size(sketched) -> None:
    ax = sketched(study).axes[2]
    lines = lines_of(ax)
    assert set(lines) == {*("PGD, last iterate", "FGSM, last iterate"), "PGD, first wrong iterate"}
    np.testing.assert_allclose(lines["PGD, first wrong iterate"].get_xdata(), [0.0008, 0.008, 0.08])


def test_points_of_too_few_songs_are_left_out(sketched) -> None:
    few = [item | {"songs": 5} for item in ROWS], [item | {"songs": 5} for item in SIZES]
    axes = sketched(lambda path: study(path, *few)).axes
    assert "clean, for PGD's adversarial class" not in lines_of(axes[0])
    assert lines_of(axes[2]) == {}


def test_parameter_randomization_begins_with_the_model_as_trained(sketched) -> None:
    ax = sketched(study).axes[5]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["as trained", "logits", "conv"]
    assert list(ax.lines[0].get_ydata()) == [1.0, 0.1, 0.1]


@pytest.mark.parametrize("rows", [[], ROWS[-3:-1]])
def test_nothing_measured_is_no_fault(rows: list[dict[str, Any]], drawn) -> None:
    drawn(lambda path: draw_study(rows, [], [], [], path))
