from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from detune.figures.attention_shift import LEVELS, draw_study

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


ROWS = [
    row(kind, method, epsilon, 1 - 5 * epsilon, group=group)
    for kind, group in (
        ("attack", "all"),
        ("attack", "flipped"),
        ("same genre", "flipped"),
        ("new genre", "flipped"),
    )
    for method, epsilon in product(("pgd", "fgsm"), EPSILONS)
]
ROWS += [row("noise", "", epsilon, 0.9) for epsilon in EPSILONS]
ROWS += [row("unrelated", "", "", 0.1), row("retrained", "", "", 0.8)]
ROWS += [row("attack", "pgd", 0.1, 0.5, measure="overlap")]
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


def test_the_study_is_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_study(ROWS, SANITY, REMOVAL, path))


def test_methods_and_noise_are_lines_over_sorted_epsilons(sketched) -> None:
    figure = sketched(lambda path: draw_study(ROWS, SANITY, REMOVAL, path))
    ax = figure.axes[0]
    lines = {line.get_label(): line for line in ax.lines if line.get_marker() != "None"}
    assert set(lines) == {"PGD", "FGSM", "random signs of that size"}
    for line in lines.values():
        assert list(line.get_xdata()) == sorted(EPSILONS)
    np.testing.assert_allclose(lines["PGD"].get_ydata(), [0.995, 0.95, 0.5])
    assert len({line.get_marker() for line in lines.values()}) == 3
    assert {text.get_text() for text in ax.texts} == set(LEVELS.values())


def test_flipped_segments_are_asked_three_ways(sketched) -> None:
    axes = sketched(lambda path: draw_study(ROWS, SANITY, REMOVAL, path)).axes[1:3]
    assert [ax.get_title().split(":")[0] for ax in axes] == ["FGSM", "PGD"]
    for ax in axes:
        assert len([line for line in ax.lines if line.get_marker() != "None"]) == 3


def test_points_of_too_few_songs_are_left_out(sketched) -> None:
    few = [item | {"songs": 5} for item in ROWS]
    ax = sketched(lambda path: draw_study(few, SANITY, REMOVAL, path)).axes[1]
    assert not [line for line in ax.lines if line.get_marker() != "None"]


def test_the_sanity_check_begins_with_the_model_as_trained(sketched) -> None:
    ax = sketched(lambda path: draw_study(ROWS, SANITY, REMOVAL, path)).axes[5]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["as trained", "logits", "conv"]
    assert list(ax.lines[0].get_ydata()) == [1.0, 0.1, 0.1]


@pytest.mark.parametrize("rows", [[], ROWS[-3:-1]])
def test_nothing_measured_is_no_fault(rows: list[dict[str, Any]], drawn) -> None:
    drawn(lambda path: draw_study(rows, [], [], path))
