from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detune.collection.grouping import count_repeats, group_names


@given(
    pairs=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=14),
    order=st.permutations(range(12)),
)
def test_groups_are_the_transitive_closure(pairs: list[tuple[int, int]], order: list[int]) -> None:
    names = [str(number) for number in order]
    found = group_names(names, [(str(a), str(b)) for a, b in pairs])
    groups = dict(zip(names, found, strict=True))
    reach = {name: {name} for name in names}
    for _ in names:
        for a, b in pairs:
            joined = reach[str(a)] | reach[str(b)]
            for name in joined:
                reach[name] = joined | reach[name]
    for name in names:
        assert {other for other in names if groups[other] == groups[name]} == reach[name]
        assert groups[name] == min(reach[name], key=names.index)


def test_tracks_are_paired_by_what_they_have_in_common() -> None:
    pairs = [("b", ("artist", 1)), ("c", ("artist", 1)), ("elsewhere", ("artist", 1))]
    assert group_names(["a", "b", "c"], pairs) == ["a", "b", "b"]


def test_repeats_are_counted_by_group_and_track_and_across_genres() -> None:
    groups = ["a", "a", "b", "c", "c", "c", "d", "d"]
    genres = ["pop", "pop", "pop", "pop", "ska", "pop", "ska", "dub"]
    assert count_repeats(groups, genres) == {
        "duplicate_groups": 3,
        "duplicate_tracks": 7,
        "label_conflicts": 2,
    }
    assert set(count_repeats(["a", "b"], ["pop", "ska"]).values()) == {0}
