from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.split.folds import fold_tracks
from detune.support.errors import UserError

RATIOS = {"train": 0.70, "validation": 0.15, "test": 0.15}


def collection(sizes: list[list[int]]) -> tuple[list[str], list[str]]:
    """Genre and group of each track, for groups of the given sizes."""
    tracks = [
        (f"genre{number}", f"genre{number}.{place}")
        for number, groups in enumerate(sizes)
        for place, size in enumerate(groups)
        for _ in range(size)
    ]
    return [genre for genre, _ in tracks], [group for _, group in tracks]


@given(
    sizes=st.lists(st.lists(st.integers(1, 3), min_size=5, max_size=15), min_size=1, max_size=4),
    folds=st.integers(2, 4),
    seed=st.integers(0, 99),
)
def test_every_track_is_tested_once_and_no_group_crosses(
    sizes: list[list[int]], folds: int, seed: int
) -> None:
    genres, groups = collection(sizes)
    tested: Counter[int] = Counter()
    for fold in range(folds):
        try:
            splits = fold_tracks(genres, groups, RATIOS, seed, folds=folds, fold=fold)
        except UserError:
            # A fold may hold so many of five groups that the others are too few.
            assert min(map(len, sizes)) < folds + 2
            return
        assert len(splits) == len(groups)
        assert len(set(zip(groups, splits, strict=True))) == len(set(groups))
        assert len(set(zip(genres, splits, strict=True))) == 3 * len(sizes)
        tested.update(place for place, split in enumerate(splits) if split == "test")
    assert tested == Counter(range(len(genres)))


def test_training_and_validation_keep_their_ratio() -> None:
    genres, groups = collection([[1] * 20] * 5)
    counts = [
        Counter(fold_tracks(genres, groups, RATIOS, 7, folds=5, fold=fold)) for fold in range(5)
    ]
    assert counts == [Counter(train=66, validation=14, test=20)] * 5


def test_each_fold_validates_on_other_tracks() -> None:
    genres, groups = collection([[1] * 30])
    held = [
        {
            group
            for group, split in zip(
                groups, fold_tracks(genres, groups, RATIOS, 7, folds=5, fold=fold), strict=True
            )
            if split == "validation"
        }
        for fold in range(5)
    ]
    assert len(set.union(*held)) > 2 * max(map(len, held))


@pytest.mark.parametrize(("count", "folds"), [(4, 5), (2, 2)])
def test_more_folds_than_groups_are_refused_in_a_line(count: int, folds: int) -> None:
    genres, groups = collection([[1] * 20, [3] * count])
    with pytest.raises(UserError) as caught:
        for fold in range(folds):
            fold_tracks(genres, groups, RATIOS, 0, folds=folds, fold=fold)
    assert "'genre1'" in str(caught.value)
    assert "preprocess.split.folds" in str(caught.value)
    assert "\n" not in str(caught.value)
