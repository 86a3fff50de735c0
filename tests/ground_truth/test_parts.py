from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detune.audio.segments import cut_segments
from detune.collection.dataset import IndexRow, Split
from detune.corpus import Recipe, compose_track
from detune.corpus.stems import PARTS
from detune.ground_truth.parts import SegmentParts, take_apart
from detune.support.errors import UserError

RECIPE = Recipe(
    seed=3, seconds=6.0, tracks_per_genre=1, crossover=0.0, genres=("classical", "metal")
)


@pytest.fixture(scope="module")
def split() -> Split:
    """Two segments of each of two tracks."""
    values, index = [], []
    for label, genre in enumerate(RECIPE.genres):
        cut = cut_segments(compose_track(RECIPE, genre, 0), 2)
        values.append(cut.values)
        for number, start in enumerate(cut.start_seconds):
            place = (genre, label, number, float(start), -80.0, 0.0)
            index.append(IndexRow("test", len(index), f"{genre}.00000", *place))
    return Split(np.concatenate(values), index, list(RECIPE.genres))


@pytest.fixture(scope="module")
def parts(split: Split) -> SegmentParts:
    return take_apart(RECIPE, split, np.array([3, 0, 2]))


def test_segments_come_in_the_order_asked_for(split: Split, parts: SegmentParts) -> None:
    np.testing.assert_allclose(parts.whole, split.values[[3, 0, 2]], atol=1e-6)


def test_shares_of_the_parts_add_up_to_one(parts: SegmentParts) -> None:
    assert parts.muted.shape == parts.shares.shape == (3, len(PARTS), 128, 130)
    assert parts.shares.sum(axis=1).max() == pytest.approx(1)
    assert parts.power.sum(axis=1) == pytest.approx(np.ones(3))
    assert (parts.difference < 1e-4).all()


def test_a_part_that_is_not_there_is_not_heard_and_changes_nothing(parts: SegmentParts) -> None:
    drums = PARTS.index("drums")
    # Row 0 is classical, which has no drums; the others are metal.
    assert parts.heard[:, drums].tolist() == [True, False, True]
    np.testing.assert_array_equal(parts.muted[1, drums], parts.whole[1])
    assert np.abs(parts.muted[0, drums] - parts.whole[0]).max() > 0.2


def test_another_recipe_is_refused(split: Split) -> None:
    with pytest.raises(UserError, match="not of this"):
        take_apart(replace(RECIPE, seed=4), split, np.array([0]))
