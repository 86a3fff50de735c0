from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.figures.robustness import draw_robustness


def cell(method: str, epsilon: float, accuracy: float, half: float = 0.05) -> dict[str, Any]:
    return {
        "method": method,
        "epsilon": epsilon,
        "epsilon_db_median": 80 * epsilon,
        "clean_accuracy": 0.8,
        "robust_accuracy": accuracy,
        "robust_accuracy_low": accuracy - half,
        "robust_accuracy_high": accuracy + half,
        "song_clean_accuracy": 0.9,
        "song_robust_accuracy": accuracy / 2,
        "song_robust_accuracy_low": accuracy / 2 - half,
        "song_robust_accuracy_high": accuracy / 2 + half,
        "attack_success_rate": 1 - accuracy,
        "segments": 200,
        "songs": 20,
    }


CELLS = [
    cell(method, epsilon, accuracy)
    for method in ("pgd", "fgsm")
    for epsilon, accuracy in ((0.1, 0.1), (0.001, 0.7), (0.01, 0.3))
]


def test_robustness_is_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_robustness(CELLS, path, chance=0.1))


def test_each_method_is_a_line_over_sorted_epsilons(sketched) -> None:
    segments, songs = sketched(lambda path: draw_robustness(CELLS, path, chance=0.1)).axes[:2]
    for ax, accuracies in ((segments, [0.7, 0.3, 0.1]), (songs, [0.35, 0.15, 0.05])):
        assert ax.get_xscale() == "log"
        lines = {line.get_label(): line for line in ax.lines}
        for method in ("FGSM", "PGD"):
            assert list(lines[method].get_xdata()) == [0.001, 0.01, 0.1]
            np.testing.assert_allclose(lines[method].get_ydata(), accuracies)
        marks = [(line.get_marker(), line.get_linestyle()) for line in ax.lines[:2]]
        assert len(set(marks)) == 2


def test_clean_accuracy_is_dashed_and_chance_is_named(sketched) -> None:
    segments, songs = sketched(lambda path: draw_robustness(CELLS, path, chance=0.25)).axes[:2]
    for ax, clean in ((segments, 0.8), (songs, 0.9)):
        level, chance = ax.lines[2:]
        assert (level.get_linestyle(), set(level.get_ydata())) == ("--", {clean})
        assert set(chance.get_ydata()) == {0.25}
        assert [text.get_text() for text in ax.texts] == [f"clean {clean:.1%}", "chance 25%"]


def test_epsilon_is_told_in_decibels_above(sketched) -> None:
    figure = sketched(lambda path: draw_robustness(CELLS, path, chance=0.1))
    below, above = figure.axes[0], figure.axes[2]
    assert [label.get_text() for label in below.get_xticklabels()] == ["0.001", "0.01", "0.1"]
    assert [label.get_text() for label in above.get_xticklabels()] == ["0.08", "0.8", "8"]
    assert list(above.get_xticks()) == list(below.get_xticks())
    assert above.get_xlim() == below.get_xlim()


def test_each_line_has_a_band_where_it_has_a_width(sketched) -> None:
    segments, songs = sketched(lambda path: draw_robustness(CELLS, path, chance=0.1)).axes[:2]
    assert (len(segments.collections), len(songs.collections)) == (2, 2)


def test_no_band_without_an_interval(sketched) -> None:
    cells = [cell("fgsm", epsilon, 0.5, half=0.0) for epsilon in (0.01, 0.1)]
    ax = sketched(lambda path: draw_robustness(cells, path, chance=0.1)).axes[0]
    assert len(ax.collections) == 0


@pytest.mark.parametrize("cells", [CELLS[:1], CELLS[:3], [CELLS[0], CELLS[3]]])
def test_single_epsilon_or_method(cells: list[dict[str, Any]], drawn) -> None:
    drawn(lambda path: draw_robustness(cells, path, chance=0.1))


def test_labels_of_many_epsilons_stay_apart(drawn) -> None:
    cells = [cell("fgsm", 0.01 * step, 0.5) for step in range(1, 41)]
    figure = drawn(lambda path: draw_robustness(cells, path, chance=0.1))
    for ax in figure.axes:
        boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
        assert len(boxes) > 3
        assert all(one.x1 < two.x0 for one, two in pairwise(boxes))


@pytest.mark.parametrize("cells", [[], [cell("fgsm", 0.0, 0.8)]])
def test_epsilons_are_above_zero(cells: list[dict[str, Any]], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="epsilon above 0"):
        draw_robustness(cells, tmp_path / "a.png", chance=0.1)


def test_the_worst_case_lies_below_the_lines_of_segments(sketched) -> None:
    worst = [{"epsilon": epsilon, "value": 0.1} for epsilon in (0.001, 0.01, 0.1)]
    figure = sketched(lambda path: draw_robustness(CELLS, path, chance=0.1, worst=worst))
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert list(lines["worst case"].get_ydata()) == [0.1, 0.1, 0.1]
    assert lines["worst case"].get_zorder() < lines["PGD"].get_zorder()
    assert "worst case" not in {line.get_label() for line in figure.axes[1].lines}
