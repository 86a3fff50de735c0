from __future__ import annotations

from typing import Any

import pytest

from detune.figures.ground_truth import draw_ground_truth


def row(method: str, value: float, versus: str = "", group: str = "all") -> dict[str, Any]:
    """A row of the table."""
    name = {"test": "confined attack", "method": method, "group": group, "measure": "pointing"}
    return name | {"versus": versus, "value": value, "low": value - 0.1, "high": value + 0.1}


def part(genre: str, measure: str, value: float) -> dict[str, Any]:
    """A row on a part of a genre."""
    return row("muting", value) | {"test": "true stems", "group": genre, "measure": measure}


PANELS = [("confined attack", "pointing"), ("true stems", "rank agreement")]
ROWS = [
    row("grad-cam", 0.7),
    row("grad-cam", 0.2, group="small"),
    row("grad-cam", 0.5, "chance"),
    row("loudest place", 0.3),
]
PARTS = [
    part("jazz", "loss without drums", 2.0),
    part("blues", "loss without bass", 1.0),
    part("jazz", "heat on drums", 0.4),
    part("blues", "heat on bass", 0.6),
]


def test_marks_and_parts_are_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_ground_truth([*ROWS, *PARTS], PANELS, path))


def test_a_point_a_method_and_a_tick_for_chance(sketched) -> None:
    (axes,) = sketched(lambda path: draw_ground_truth(ROWS, PANELS, path)).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["grad-cam", "loudest place"]
    points = {line.get_marker(): line.get_xdata()[0] for line in reversed(axes.lines)}
    assert points["o"] == 0.7
    assert points["|"] == pytest.approx(0.2)


def test_a_cell_for_each_genre_and_part(sketched) -> None:
    _, loss, heat = sketched(lambda path: draw_ground_truth([*ROWS, *PARTS], PANELS, path)).axes
    assert [label.get_text() for label in loss.get_yticklabels()] == ["blues", "jazz"]
    assert [text.get_text() for text in loss.texts] == ["1.00", "2.00"]
    assert [text.get_text() for text in heat.texts] == ["0.60", "0.40"]


def test_nothing_tested_is_said(sketched) -> None:
    figure = sketched(lambda path: draw_ground_truth([], PANELS, path))
    assert [text.get_text() for text in figure.texts] == ["nothing was tested"]
