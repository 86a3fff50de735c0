"""Figures with intervals in `metrics/`, whatever stage wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detune.review.comparison import Difference, compare_estimates
from detune.statistics.bootstrap import Estimate

Metrics = Mapping[str, Mapping[str, Any]]
"""The content of each file in `metrics/`, by name."""

IN_OUTCOMES = ("train",)
"""Files whose figures are compared segment by segment instead."""


def estimates(content: Mapping[str, Any], path: str) -> Iterator[tuple[str, Estimate]]:
    """Every figure with an interval, by dotted path.

    It is an object with `value`, `low` and `high`, or a number `<name>` beside `<name>_low` and
    `<name>_high`.
    """
    if {"value", "low", "high"} <= content.keys():
        yield from _estimate(path, content["value"], content["low"], content["high"])
        return
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from estimates(value, f"{path}.{name}")
        elif f"{name}_low" in content and f"{name}_high" in content:
            ends = content[f"{name}_low"], content[f"{name}_high"]
            yield from _estimate(f"{path}.{name}", value, *ends)


def compare_metrics(before: Metrics, after: Metrics) -> Iterator[Difference]:
    """A difference for each figure with an interval that one of two revisions has."""
    sides = [
        dict(
            pair for name in side if name not in IN_OUTCOMES for pair in estimates(side[name], name)
        )
        for side in (before, after)
    ]
    for name in dict.fromkeys((*sides[0], *sides[1])):
        left, right = (side.get(name) for side in sides)
        values = [side.value if side else None for side in (left, right)]
        known = Difference(name, values[0], values[1], paired=False)
        yield compare_estimates(known, left, right) if left and right else known


def _estimate(path: str, value: Any, low: Any, high: Any) -> Iterator[tuple[str, Estimate]]:
    """The figure at `path`, unless one of the three is no number."""
    if all(isinstance(number, int | float) for number in (value, low, high)):
        yield path, Estimate(float(value), float(low), float(high), segments=0, songs=0)
