from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from detune.collection.labels import Labels
from detune.collection.shown_paths import harmless_path
from detune.params.sections import Split
from detune.split.assignment import assign
from detune.split.label_splits import with_labels
from detune.split.partition import Partition
from detune.support.errors import UserError

NOTHING = Partition(frozenset(), {}, {})
SETTINGS = Split(0.5, 0.25, 0.25, seed=1, folds=0, fold=0)
ROWS = [
    {"track": f"{genre}_{number}", "genre": genre, "group": f"{genre}_{number}"}
    | {"source": f"{genre[0]}/{number}.mp3"}
    for genre in ("pop", "ska")
    for number in range(12)
]


def table(groups: dict[str, str], splits: dict[str, str]) -> Labels:
    genres = {row["source"]: row["genre"] for row in ROWS} | {"p/missing.mp3": "pop"}
    return Labels(Path("labels.csv"), "path", genres, groups, splits)


def test_without_a_table_the_partition_stays() -> None:
    assert with_labels(NOTHING, None, ROWS) is NOTHING
    assert with_labels(NOTHING, table({}, {}), ROWS) == NOTHING


def test_groups_and_splits_reach_tracks_by_their_source() -> None:
    found = with_labels(NOTHING, table({"p/1.mp3": "Ann"}, {"s/2.mp3": "test"}), ROWS)
    assert found.groups == {"pop_1": "Ann"}
    assert found.splits == {"ska_2": "test"}
    assert found.key == "data.labels"
    assert all(found.keeps(row["track"]) for row in ROWS), "without a split, split like the rest"


@pytest.mark.parametrize("name", ["-a.mp3", "b\u00a0c.mp3", "=x\u200d.mp3"])
def test_files_are_found_by_the_form_that_tables_show(name: str) -> None:
    rows = [
        row | {"source": harmless_path(name)} if row["track"] == "pop_1" else row for row in ROWS
    ]
    labels = table({name: "Ann"}, {name: "test"})
    labels = replace(labels, genres={name: "pop"} | dict(labels.genres))
    found = with_labels(NOTHING, labels, rows)
    assert (found.groups, found.splits) == ({"pop_1": "Ann"}, {"pop_1": "test"})


def test_splits_that_reach_no_track_are_refused() -> None:
    with pytest.raises(UserError, match=r"^data\.labels: labels\.csv gives a split to no track"):
        with_labels(NOTHING, table({}, {"p/missing.mp3": "test"}), ROWS)


def test_an_artist_and_the_copies_of_a_recording_stay_together() -> None:
    """pop_0 and ska_5 are copies; Ann made ska_5 and ska_6, Bo pop_1 and pop_2."""
    rows = [row | {"group": "pop_0"} if row["track"] == "ska_5" else row for row in ROWS]
    artists = {"s/5.mp3": "Ann", "s/6.mp3": "Ann", "p/1.mp3": "Bo", "p/2.mp3": "Bo"}
    artists |= {"p/missing.mp3": "Bo"}
    for seed in range(9):
        settings = Split(0.5, 0.25, 0.25, seed=seed, folds=0, fold=0)
        assigned = assign(rows, settings, with_labels(NOTHING, table(artists, {}), rows))
        split = {row.track: row.split for row in assigned.rows}
        assert split["pop_0"] == split["ska_5"] == split["ska_6"]
        assert split["pop_1"] == split["pop_2"]
        assert (assigned.left_out, assigned.absent) == (0, 0)


def test_an_artist_in_two_splits_is_told_with_the_table() -> None:
    labels = table({"p/1.mp3": "Bo", "p/2.mp3": "Bo"}, {"p/1.mp3": "train", "p/2.mp3": "test"})
    with pytest.raises(UserError, match=r"^data\.labels: group 'pop_1' is in two splits"):
        assign(ROWS, SETTINGS, with_labels(NOTHING, labels, ROWS))


def test_a_partition_may_give_what_the_table_does_not() -> None:
    groups = Partition(frozenset({"pop_1", "gone"}), {}, {"pop_1": "Ann"})
    found = with_labels(groups, table({}, {"p/2.mp3": "test"}), ROWS)
    assert (found.groups, found.splits) == ({"pop_1": "Ann"}, {"pop_2": "test"})
    assert all(found.keeps(row["track"]) for row in ROWS)
    splits = Partition(frozenset({"pop_1"}), {"pop_1": "test"}, {})
    found = with_labels(splits, table({"p/2.mp3": "Ann"}, {}), ROWS)
    assert (found.splits, found.key) == ({"pop_1": "test"}, "data.partition")
    assert not found.keeps("pop_2")


@pytest.mark.parametrize("column", ["groups", "splits"])
def test_what_both_give_is_refused(column: str) -> None:
    given = {"groups": {}, "splits": {}}
    labels = table(**(given | {column: {"p/1.mp3": "test"}}))
    partition = Partition(frozenset({"pop_1"}), **(given | {column: {"pop_1": "test"}}))
    with pytest.raises(UserError, match=rf"and data\.partition both give {column}: take"):
        with_labels(partition, labels, ROWS)
