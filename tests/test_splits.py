from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.errors import UserError
from detune.splits import SPLITS, split_tracks

SOURCE = Path(__file__).parents[1] / "src"

SHIPPED = {"train": 0.70, "validation": 0.15, "test": 0.15}
RATIOS = [
    SHIPPED,
    {"train": 0.34, "validation": 0.33, "test": 0.33},
    {"train": 0.8, "validation": 0.1, "test": 0.1},
]
SEEDS = st.integers(0, 2**32 - 1)

Collection = tuple[list[str], list[str]]
"""Genre and group of each track."""


def collection(sizes: list[list[int]], shuffle: int | None = None) -> Collection:
    """Genres of groups of the given sizes, in order or shuffled."""
    tracks = [
        (f"genre{number}", f"genre{number}.{place}")
        for number, groups in enumerate(sizes)
        for place, size in enumerate(groups)
        for _ in range(size)
    ]
    if shuffle is not None:
        random.Random(shuffle).shuffle(tracks)
    return [genre for genre, _ in tracks], [group for _, group in tracks]


GROUPED = st.lists(st.lists(st.integers(1, 4), min_size=3, max_size=25), min_size=1, max_size=5)


@given(sizes=GROUPED, seed=SEEDS, ratios=st.sampled_from(RATIOS), shuffle=st.integers(0, 99))
def test_no_group_crosses_splits_and_every_genre_is_in_every_split(
    sizes: list[list[int]], seed: int, ratios: dict[str, float], shuffle: int
) -> None:
    genres, groups = collection(sizes, shuffle)
    splits = split_tracks(genres, groups, ratios, seed)
    assert len(splits) == len(groups)
    of_group, of_genre = defaultdict(set), defaultdict(set)
    for genre, group, split in zip(genres, groups, splits, strict=True):
        of_group[group].add(split)
        of_genre[genre].add(split)
    assert all(len(found) == 1 for found in of_group.values())
    assert all(found == set(SPLITS) for found in of_genre.values())


@given(
    tracks=st.lists(st.integers(10, 50), min_size=1, max_size=8),
    seed=SEEDS,
    ratios=st.sampled_from(RATIOS),
)
def test_shares_are_within_a_track_or_so_of_the_ratios_by_genre_and_in_all(
    tracks: list[int], seed: int, ratios: dict[str, float]
) -> None:
    genres, groups = collection([[1] * count for count in tracks])
    splits = split_tracks(genres, groups, ratios, seed)
    totals, by_genre = Counter(splits), Counter(zip(genres, splits, strict=True))
    for split, ratio in ratios.items():
        assert abs(totals[split] - ratio * len(groups)) < 1.5
        for genre, count in Counter(genres).items():
            assert abs(by_genre[genre, split] - ratio * count) < 1.5


def test_a_hundred_tracks_a_genre_split_exactly() -> None:
    genres, groups = collection([[1] * 100] * 10)
    by_genre = Counter(zip(genres, split_tracks(genres, groups, SHIPPED, 42), strict=True))
    for genre in set(genres):
        assert [by_genre[genre, split] for split in SPLITS] == [70, 15, 15]


@given(sizes=GROUPED, seed=SEEDS, shuffle=st.integers(0, 99))
def test_the_order_of_the_tracks_does_not_matter(
    sizes: list[list[int]], seed: int, shuffle: int
) -> None:
    in_order = collection(sizes)
    shuffled = collection(sizes, shuffle)
    expected = dict(zip(in_order[1], split_tracks(*in_order, SHIPPED, seed), strict=True))
    found = dict(zip(shuffled[1], split_tracks(*shuffled, SHIPPED, seed), strict=True))
    assert found == expected


def test_the_seed_decides() -> None:
    genres, groups = collection([[1] * 30] * 3)
    first = split_tracks(genres, groups, SHIPPED, 1)
    assert split_tracks(genres, groups, SHIPPED, 1) == first
    assert split_tracks(genres, groups, SHIPPED, 2) != first


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_another_process_finds_the_same_splits(hash_seed: str) -> None:
    genres, groups = collection([[1] * 8, [2] * 5])
    code = (
        "from detune.splits import split_tracks\n"
        f"print(*split_tracks({genres}, {groups}, {SHIPPED}, 42))"
    )
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert found.stdout.split() == split_tracks(genres, groups, SHIPPED, 42)


def test_most_tracks_stay_where_they_were_when_one_is_added() -> None:
    genres, groups = collection([[1] * 10] * 10)
    stayed = []
    for seed in range(20):
        before = split_tracks(genres, groups, SHIPPED, seed)
        after = split_tracks([*genres, "genre0"], [*groups, "genre0.new"], SHIPPED, seed)
        stayed.append(np.mean([old == new for old, new in zip(before, after, strict=False)]))
    assert np.mean(stayed) > 0.5


def test_three_tracks_a_genre_are_one_for_each_split() -> None:
    genres, groups = collection([[1] * 3] * 4)
    assert Counter(split_tracks(genres, groups, SHIPPED, 0)) == dict.fromkeys(SPLITS, 4)


@pytest.mark.parametrize("sizes", [[[1, 1]], [[1, 1, 1], [5, 5]]])
def test_a_genre_with_fewer_groups_than_splits_is_refused(sizes: list[list[int]]) -> None:
    with pytest.raises(UserError) as caught:
        split_tracks(*collection(sizes), SHIPPED, 0)
    message = str(caught.value)
    assert message.startswith(f"genre 'genre{len(sizes) - 1}' has 2 separate tracks or groups")
    assert "\n" not in message


def test_a_group_across_two_genres_still_gets_one_split() -> None:
    genres, groups = collection([[1] * 5, [1] * 5])
    groups[7] = groups[2]
    splits = split_tracks(genres, groups, SHIPPED, 3)
    assert splits[7] == splits[2]
    for genre in set(genres):
        assert {s for s, g in zip(splits, genres, strict=True) if g == genre} == set(SPLITS)
