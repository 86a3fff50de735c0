from __future__ import annotations

import pytest

from detune.report.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, chart
from tests.report.made import METRICS

POINTS = METRICS["robustness"]["curve"]


def test_lines_span_the_plot_area_on_a_logarithmic_axis() -> None:
    points = [dict(POINTS[0], epsilon=epsilon) for epsilon in (0.1, 0.001, 0.01)]
    drawn = chart(points, "epsilon", "robust_accuracy", title="t", labels=("x", "y"), log=True)
    (line,) = drawn.lines
    places = [mark.x for mark in line.marks]
    assert places == pytest.approx([LEFT, (LEFT + WIDTH - RIGHT) / 2, WIDTH - RIGHT])
    assert [label for _, label in drawn.x_ticks] == ["0.001", "0.01", "0.1"]
    assert len(line.path.split()) == 3
    assert len(line.band.split()) == 6


def test_the_vertical_axis_reaches_the_lowest_interval() -> None:
    drawn = chart(
        [dict(POINTS[0], robust_accuracy_low=-0.25)],
        *("epsilon", "robust_accuracy"),
        title="t",
        labels=("x", "y"),
        log=True,
    )
    assert [label for _, label in drawn.y_ticks][0::7] == ["-0.4", "1.0"]
    assert drawn.y_ticks[0][0] == pytest.approx(HEIGHT - BOTTOM)
    assert drawn.y_ticks[-1][0] == pytest.approx(TOP)
    assert drawn.x_ticks == [((LEFT + WIDTH - RIGHT) / 2, "0.01")]


def test_points_say_their_figure_and_those_without_one_are_left_out() -> None:
    drawn = chart(POINTS, "epsilon", "song_robust_accuracy", title="t", labels=("x", "y"), log=True)
    assert [line.name for line in drawn.lines] == ["fgsm"]
    assert drawn.lines[0].marks[1].text == "fgsm at 0.02: 0.50 (0.50 to 0.50)"
