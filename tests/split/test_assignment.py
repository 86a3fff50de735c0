from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from detune.params.sections import Split
from detune.split.assignment import Assignment, assign, leaking_groups
from detune.split.partition import Partition
from detune.support.errors import UserError

SETTINGS = Split(train=0.6, validation=0.2, test=0.2, seed=1, folds=0, fold=0)
NOTHING = Partition(frozenset(), {}, {})


def collection(tracks: int = 10, **groups: str) -> list[dict[str, str]]:
    """Tracks `pop_0`, … and `ska_0`, …, each a group of its own but for those given."""
    names = [f"{genre}_{number}" for genre in ("pop", "ska") for number in range(tracks)]
    return [
        {"track": name, "genre": name.split("_")[0], "group": groups.get(name, name)}
        for name in names
    ]


def fixing(splits: dict[str, str], **groups: str) -> Partition:
    return Partition(frozenset({*splits, *groups}), {k: v for k, v in splits.items() if v}, groups)


def error_of(*arguments: object) -> str:
    with pytest.raises(UserError) as caught:
        assign(*arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return str(caught.value)


def splits(found: Assignment) -> list[str]:
    return [row.split for row in found.rows]


def split_of(found: Assignment) -> dict[str, str]:
    return {row.track: row.split for row in found.rows}


def group_of(found: Assignment) -> dict[str, str]:
    return {row.track: row.group for row in found.rows}


def leaks(found: Assignment) -> list[str]:
    return leaking_groups([row.group for row in found.rows], splits(found))


def test_without_a_partition_every_track_takes_part_by_the_ratios() -> None:
    found = assign(collection(), SETTINGS, NOTHING)
    assert Counter(splits(found)) == {"train": 12, "validation": 4, "test": 4}
    assert (found.left_out, found.absent) == (0, 0)
    assert group_of(found) == {row["track"]: row["group"] for row in collection()}


def test_duplicates_stay_together() -> None:
    rows = collection(pop_9="pop_1", ska_4="pop_1")
    found = assign(rows, SETTINGS, NOTHING)
    where = split_of(found)
    assert len({where["pop_1"], where["pop_9"], where["ska_4"]}) == 1
    assert group_of(found)["ska_4"] == "pop_1"


def test_a_list_of_splits_decides_and_what_it_does_not_list_is_left_out() -> None:
    listed = {
        **{f"pop_{n}": split for n, split in enumerate(["train", "validation", "test"])},
        **{f"ska_{n}": split for n, split in enumerate(["test", "train", "validation"])},
        "elsewhere": "test",
    }
    found = assign(collection(), SETTINGS, fixing(listed))
    assert split_of(found) == {
        track: split for track, split in listed.items() if track != "elsewhere"
    }
    assert (found.left_out, found.absent) == (14, 1)


def test_listed_tracks_without_a_split_are_dealt_out() -> None:
    listed = {row["track"]: "" for row in collection()} | {"pop_0": "test", "ska_0": "validation"}
    found = assign(collection(), SETTINGS, fixing(listed))
    assert Counter(splits(found)) == {"train": 12, "validation": 4, "test": 4}
    assert (splits(found)[0], splits(found)[10]) == ("test", "validation")


def test_a_fixed_group_joins_the_duplicates_in_it() -> None:
    rows = collection(pop_2="pop_1")
    found = assign(rows, SETTINGS, fixing({}, pop_2="artist", ska_7="artist", ska_8="other"))
    names = group_of(found)
    assert names["pop_1"] == names["pop_2"] == names["ska_7"] == "pop_1"
    assert names["ska_8"] == "ska_8"
    assert found.left_out == 0
    assert leaks(found) == []


def test_the_split_of_a_track_is_that_of_its_duplicates() -> None:
    rows = collection(pop_1="pop_0", ska_0="pop_0")
    listed = {row["track"]: "" for row in rows} | {"pop_1": "validation"}
    found = assign(rows, SETTINGS, fixing(listed))
    assert [splits(found)[place] for place in (0, 1, 10)] == ["validation"] * 3


def test_where_only_training_and_test_are_listed_validation_comes_from_training() -> None:
    listed = {row["track"]: "train" for row in collection()}
    listed |= {f"{genre}_{n}": "test" for genre in ("pop", "ska") for n in (1, 2)}
    groups = {f"pop_{n}": "band" for n in (3, 4)}
    found = assign(collection(), SETTINGS, fixing(listed, **groups))
    assert Counter(splits(found)) == {"train": 12, "validation": 4, "test": 4}
    assert leaks(found) == []


def test_a_group_in_two_splits_is_named() -> None:
    rows = collection(pop_5="pop_1")
    listed = {row["track"]: "train" for row in rows} | {"pop_5": "test"}
    message = error_of(rows, SETTINGS, fixing(listed))
    assert message.startswith("data.partition: group 'pop_1' is in two splits, train (pop_1) and")
    assert "test (pop_5): give its tracks one" in message
    rows = collection(pop_5="pop_1", ska_5="ska_1", ska_6="ska_1", ska_7="ska_0")
    listed |= {"ska_5": "test", "ska_6": "test", "ska_7": "test"}
    message = error_of(rows, SETTINGS, fixing(listed))
    assert "'pop_1'" in message
    assert "test (pop_5) (and 2 more groups are): give" in message


@pytest.mark.parametrize(
    ("listed", "parts"),
    [
        ({"blues.1": "train"}, "none of the tracks"),
        ({"pop_1": "train", "ska_1": "train", "ska_2": "validation"}, "no track of the collection"),
        ({"pop_1": "train", "pop_2": "validation", "ska_2": "test"}, "ska: no track for training"),
        ({"pop_1": "train", "pop_2": "validation", "pop_3": "test"}, "all but one genre"),
    ],
)
def test_a_partition_that_leaves_nothing_to_learn_or_test_is_refused(
    listed: dict[str, str], parts: str
) -> None:
    message = error_of(collection(), SETTINGS, fixing(listed))
    assert message.startswith("data.partition: ")
    assert parts in message


def test_each_fold_tests_other_tracks_and_fixed_groups_hold() -> None:
    tested = []
    for fold in range(5):
        settings = replace(SETTINGS, folds=5, fold=fold)
        found = assign(collection(), settings, fixing({}, pop_2="artist", pop_7="artist"))
        assert leaks(found) == []
        tested += [row.track for row in found.rows if row.split == "test"]
    assert sorted(tested) == sorted(row["track"] for row in collection())


def test_folds_and_fixed_splits_exclude_each_other() -> None:
    message = error_of(collection(), replace(SETTINGS, folds=5), fixing({"pop_1": "test"}))
    assert message.startswith("preprocess.split.folds: ")


def test_a_group_in_several_splits_stops_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    assert leaking_groups("aabbc", ["train", "test", "test", "test", "train"]) == ["a"]
    leaky = ["train", "validation", "test"] + ["train"] * 17
    monkeypatch.setattr("detune.split.assignment.split_tracks", lambda *_: leaky)
    assert "1 groups are in several splits, 'pop_0'" in error_of(
        collection(pop_1="pop_0"), SETTINGS, NOTHING
    )
