"""Differences between two revisions, with intervals, and which of them are shown.

A difference is *shown* where two conditions hold: its 95 % interval by bootstrap over songs
excludes zero, and its p-value stays below 0.05 after Holm's correction for the number of
figures compared (Holm, 1979). The interval alone is too narrow for fifteen songs, and among forty
figures two would leave it by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from detune.review.outcomes import Key, Outcomes
from detune.statistics.bootstrap import Bootstrap, Estimate

LEVEL = 0.05
"""Probability, at most, that any difference is called shown where there is none."""

HALF_WIDTH = NormalDist().inv_cdf(0.975)
"""Half a 95 % interval, in standard errors."""


@dataclass(frozen=True)
class Difference:
    """One figure before and after.

    Attributes:
        name: of the figure.
        before: its value; None where the revision does not have it.
        after: the same.
        change: after minus before; None where one of them is missing.
        low: lower end of the 95 % interval of the change.
        high: upper end.
        p: of a change this large where there is none, before correction.
        paired: whether the same songs were compared, each with itself.
        better: 1 where higher is better for the model, 0 where neither way is.
        shown: whether the change is more than chance.
    """

    name: str
    before: float | None
    after: float | None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    paired: bool = True
    better: int = 0
    shown: bool = False

    @property
    def loss(self) -> float:
        """By how much the model is worse, where that is shown; else 0."""
        return max(0.0, -(self.change or 0.0) * self.better) if self.shown else 0.0


def compare_outcomes(before: Outcomes, after: Outcomes, seed: int) -> Iterator[Difference]:
    """A difference for each condition that one of two revisions has.

    The same test segments (or songs) are compared in pairs; where the test splits differ,
    all of one with all of the other.
    """
    paired = before.keys == after.keys
    for condition in dict.fromkeys((*before.right, *after.right)):
        name = f"{condition} accuracy of {before.unit}s"
        sides = [side.right.get(condition, {}) for side in (before, after)]
        means = [float(np.mean(list(side.values()))) if side else None for side in sides]
        known = Difference(name, means[0], means[1], paired=paired, better=1)
        if means[0] is None or means[1] is None:
            yield known
        elif paired:
            yield _compare_pairs(known, sides[0], sides[1], seed)
        else:
            estimates = [_estimate(side, seed) for side in sides]
            yield compare_estimates(known, estimates[0], estimates[1])


def compare_estimates(known: Difference, before: Estimate, after: Estimate) -> Difference:
    """The difference of two figures with intervals, as if of different songs."""
    change = after.value - before.value
    spread = float(np.hypot(before.high - before.low, after.high - after.low)) / 2
    if spread == 0:
        p = float(change == 0)
    else:
        p = 2 * NormalDist().cdf(-abs(change) / spread * HALF_WIDTH)
    return replace(
        known, change=change, low=change - spread, high=change + spread, p=p, paired=False
    )


def correct(differences: Sequence[Difference]) -> list[Difference]:
    """Say which differences are shown, by Holm's correction over all that have a p-value."""
    ranked = sorted((d.p, place) for place, d in enumerate(differences) if d.p is not None)
    shown = set()
    for rank, (p, place) in enumerate(ranked):
        if p * (len(ranked) - rank) >= LEVEL:
            break
        shown.add(place)
    return [
        replace(d, shown=place in shown and not (d.low or 0) <= 0 <= (d.high or 0))
        for place, d in enumerate(differences)
    ]


def most_changed(before: Outcomes, after: Outcomes, count: int = 3) -> list[tuple[str, float]]:
    """The songs that changed most, and by how much: mean change over conditions and segments."""
    changes: dict[str, list[float]] = {}
    for condition in before.right.keys() & after.right.keys():
        left, right = before.right[condition], after.right[condition]
        for key in left.keys() & right.keys():
            changes.setdefault(key[0], []).append(float(right[key]) - float(left[key]))
    means = sorted(
        ((song, float(np.mean(values))) for song, values in changes.items()),
        key=lambda item: (-abs(item[1]), item[0]),
    )
    return [(song, change) for song, change in means[:count] if change]


def _compare_pairs(
    known: Difference, before: Mapping[Key, float], after: Mapping[Key, float], seed: int
) -> Difference:
    """The difference of what both revisions say of the same segments or songs."""
    keys = sorted(before.keys() & after.keys())
    if not keys:
        return known
    values = np.asarray([float(after[key]) - float(before[key]) for key in keys])
    bootstrap = Bootstrap([song for song, _ in keys], seed)
    low, high = bootstrap.interval(values)
    change = float(values.mean())
    return replace(known, change=change, low=low, high=high, p=bootstrap.sign_flip_p(values))


def _estimate(right: Mapping[Key, float], seed: int) -> Estimate:
    """The mean of `right`, with its interval over songs."""
    estimate = Bootstrap([song for song, _ in right], seed).estimate(
        np.asarray(list(right.values()), dtype=float)
    )
    assert estimate is not None  # no condition is without segments
    return estimate
