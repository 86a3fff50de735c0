from __future__ import annotations

from typing import Any

import pytest

from detune.figures.ground_truth import draw_marks


def row(method: str, value: float, versus: str = "", group: str = "all") -> dict[str, Any]:
    """A row of the table."""
    name = {"test": "confined attack", "method": method, "group": group, "measure": "pointing"}
    return name | {"versus": versus, "value": value, "low": value - 0.1, "high": value + 0.1}


ROWS = [
    row("grad-cam", 0.7),
    row("grad-cam", 0.2, group="small"),
    row("grad-cam", 0.5, "chance"),
    row("loudest place", 0.3),
]


def test_marks_are_a_picture(check_picture) -> None:
    check_picture(lambda path: draw_marks(ROWS * 2, ["loudest place"], path))


def test_a_point_a_method_and_a_tick_for_chance(sketched) -> None:
    (axes,) = sketched(lambda path: draw_marks(ROWS, ["loudest place"], path)).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["grad-cam", "loudest place"]
    points = {line.get_marker(): line.get_xdata()[0] for line in reversed(axes.lines)}
    assert points["o"] == 0.7
    assert points["|"] == pytest.approx(0.2)


def test_nothing_tested_is_said(sketched) -> None:
    figure = sketched(lambda path: draw_marks([], [], path))
    assert [text.get_text() for text in figure.texts] == ["nothing was tested"]
