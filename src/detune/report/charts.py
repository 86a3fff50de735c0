"""Line charts as SVG: points with intervals, on a linear or logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 40
"""Margins of the plot area, in units of the drawing."""

AREA = {
    **{"width": WIDTH, "height": HEIGHT},
    **{"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
}
"""The same, as the template takes them."""

TICK = 0.2
"""Between two labels of the vertical axis."""

Point = Mapping[str, Any]


@dataclass(frozen=True)
class Mark:
    """A point of a line: where it is drawn, and what it says."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Line:
    """One line of a chart: its name, its marks, and the corners of its band."""

    name: str
    marks: Sequence[Mark]
    band: str

    @property
    def path(self) -> str:
        """Corners of the line, as SVG wants them."""
        return " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in self.marks)


@dataclass(frozen=True)
class Chart:
    """A chart ready to be drawn.

    Attributes:
        title: what it shows; read out by screen readers.
        x_label: of the horizontal axis.
        y_label: of the vertical one.
        lines: from left to right.
        x_ticks: places and labels.
        y_ticks: places and labels.
    """

    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]


def chart(
    points: Iterable[Point], x: str, y: str, *, title: str, labels: tuple[str, str], log: bool
) -> Chart:
    """A chart of one line a `method`.

    Args:
        points: each with `method`, `x`, `y` and the ends of its interval, `<y>_low`, `<y>_high`;
            those without a value are left out.
        x: name of the horizontal field; above 0 where `log`.
        y: name of the vertical field, from -1 or 0 to 1.
        title: of the chart.
        labels: of both axes.
        log: whether the horizontal axis is logarithmic.
    """
    known = [point for point in points if point[y] is not None]
    values = sorted({float(point[x]) for point in known})
    lowest = min([0.0, *(float(point[f"{y}_low"]) for point in known)])
    below = math.ceil(-lowest / TICK - 1e-9)
    bottom = -below * TICK
    across = _scale(values, LEFT, WIDTH - RIGHT, log=log)
    upwards = _scale([bottom, 1.0], HEIGHT - BOTTOM, TOP, log=False)
    lines = []
    for method in dict.fromkeys(point["method"] for point in known):
        own = sorted((p for p in known if p["method"] == method), key=lambda p: float(p[x]))
        lines.append(_line(method, own, (x, y), (across, upwards)))
    steps = [step * TICK for step in range(-below, round(1 / TICK) + 1)]
    return Chart(
        title,
        *labels,
        lines=lines,
        x_ticks=[(across(value), f"{value:g}") for value in values],
        y_ticks=[(upwards(step), f"{step:.1f}") for step in steps],
    )


def _line(
    method: str,
    points: Sequence[Point],
    fields: tuple[str, str],
    scales: tuple[Callable[[float], float], Callable[[float], float]],
) -> Line:
    """The line of one method."""
    (x, y), (across, upwards) = fields, scales
    marks = []
    for p in points:
        interval = f"{p[f'{y}_low']:.2f} to {p[f'{y}_high']:.2f}"
        said = f"{method} at {float(p[x]):g}: {p[y]:.2f} ({interval})"
        marks.append(Mark(across(float(p[x])), upwards(float(p[y])), said))
    corners = [(p[x], p[f"{y}_high"]) for p in points]
    corners += [(p[x], p[f"{y}_low"]) for p in reversed(points)]
    band = " ".join(f"{across(float(a)):.1f},{upwards(float(b)):.1f}" for a, b in corners)
    return Line(method, marks, band)


def _scale(
    values: Sequence[float], start: float, end: float, *, log: bool
) -> Callable[[float], float]:
    """From a value to its place between `start` and `end`; the middle where all are equal."""
    move = math.log10 if log else float
    low, high = (move(values[0]), move(values[-1])) if values else (0.0, 0.0)
    if low == high:
        return lambda _: (start + end) / 2
    return lambda value: start + (end - start) * (move(value) - low) / (high - low)
