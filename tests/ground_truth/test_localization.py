from __future__ import annotations

import numpy as np
import pytest

from detune.ground_truth.localization import (
    INSIDE,
    IOU,
    POINTING,
    hottest,
    localize,
    localize_by_chance,
)

REGIONS = np.zeros((1, 8, 10), dtype=bool)
REGIONS[0, 2:4, 5:9] = True


def test_heat_on_the_region_alone_gets_full_marks() -> None:
    found = localize(REGIONS.astype(np.float32), REGIONS)
    assert {name: values.tolist() for name, values in found.items()} == {
        POINTING: [1.0],
        IOU: [1.0],
        INSIDE: [1.0],
    }


def test_heat_elsewhere_or_nowhere_gets_none() -> None:
    for heat in ((~REGIONS).astype(np.float32), np.zeros(REGIONS.shape, np.float32)):
        assert all(values.tolist() == [0.0] for values in localize(heat, REGIONS).values())


def test_half_of_the_heat_gets_half_the_marks() -> None:
    heat = np.zeros(REGIONS.shape, np.float32)
    heat[0, 2, 5:9] = 1
    heat[0, 6, 5:9] = 1
    found = localize(heat, REGIONS)
    assert found[POINTING] == found[INSIDE] == 0.5
    # Four points are in both, twelve in either.
    assert found[IOU] == pytest.approx(4 / 12)


def test_chance_is_the_mean_over_all_places() -> None:
    heat = np.random.default_rng(0).random(REGIONS.shape)
    heat[0, :, :4] = 0
    found = localize_by_chance(heat, REGIONS)
    places = [(low, first) for low in range(8) for first in range(10)]
    rolled = [localize(np.roll(heat, place, axis=(1, 2)), REGIONS) for place in places]
    for name, values in found.items():
        assert values[0] == pytest.approx(np.mean([each[name] for each in rolled]))


def test_as_many_of_the_hottest_points_as_asked_for() -> None:
    heat = np.array([[[3.0, 0.0], [1.0, 2.0]]])
    assert hottest(heat, np.array([2])).tolist() == [[[True, False], [False, True]]]
    assert hottest(heat, np.array([4])).sum() == 3
