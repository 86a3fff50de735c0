from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detune.audio import SAMPLE_RATE
from detune.duplicates import (
    DUPLICATE_COLUMNS,
    Duplicate,
    count_duplicates,
    find_duplicates,
    group_names,
    grouped,
)
from detune.fingerprints import fingerprint
from detune.tracks import Stored, Track
from tests.music import music

AUDIO = music(1, 12)
OTHER = music(2, 12)
COLLECTION = {
    "blues.0": AUDIO,
    "blues.1": OTHER,
    "blues.2": AUDIO / 2,
    "rock.0": AUDIO[4 * SAMPLE_RATE :],
    "rock.1": OTHER,
    "rock.2": music(3, 12),
}


def stored() -> list[Stored]:
    return [
        Stored(
            Track(
                track=name,
                genre=name.split(".")[0],
                seconds=audio.size / SAMPLE_RATE,
                sha256=str(hash(audio.tobytes())),
                source=f"{name}.wav",
                group=name,
            ),
            fingerprint(audio),
        )
        for name, audio in COLLECTION.items()
    ]


def test_identical_tracks_copies_and_excerpts_are_told_apart() -> None:
    found = {(pair.track, pair.other): pair for pair in find_duplicates(stored())}
    assert {names: pair.kind for names, pair in found.items()} == {
        ("blues.0", "blues.2"): "copy",
        ("blues.0", "rock.0"): "excerpt",
        ("blues.1", "rock.1"): "identical",
        ("blues.2", "rock.0"): "excerpt",
    }
    excerpt = found["blues.0", "rock.0"]
    assert (excerpt.genre, excerpt.other_genre) == ("blues", "rock")
    assert abs(excerpt.offset_seconds + 4) < 0.025
    assert abs(excerpt.shared_seconds - 8) < 0.2
    assert found["blues.1", "rock.1"].shared_seconds == 12
    assert list(vars(excerpt)) == list(DUPLICATE_COLUMNS)


def test_a_set_of_duplicates_is_one_group_named_after_its_first_track() -> None:
    entries = stored()
    tracks = grouped([entry.track for entry in entries], find_duplicates(entries))
    assert [track.track for track in tracks] == list(COLLECTION)
    assert [track.group for track in tracks] == [
        *("blues.0", "blues.1", "blues.0", "blues.0", "blues.1", "rock.2")
    ]
    assert count_duplicates(tracks) == {
        "duplicate_groups": 2,
        "duplicate_tracks": 5,
        "label_conflicts": 2,
    }


def test_without_duplicates_each_track_is_a_group_of_its_own() -> None:
    tracks = [stored()[place].track for place in (0, 1, 5)]
    assert grouped(tracks, []) == tracks
    assert set(count_duplicates(tracks).values()) == {0}
    assert find_duplicates([]) == []


def test_a_genre_twice_in_a_group_is_no_conflict() -> None:
    tracks = [entry.track for entry in stored()]
    pair = Duplicate("blues.0", "blues", "blues.2", "blues", "copy", 0.0, 12.0, 0.0)
    assert count_duplicates(grouped(tracks, [pair]))["label_conflicts"] == 0


@given(
    pairs=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=14),
    order=st.permutations(range(12)),
)
def test_groups_are_the_transitive_closure(pairs: list[tuple[int, int]], order: list[int]) -> None:
    names = [str(number) for number in order]
    groups = dict(zip(names, group_names(names, [(str(a), str(b)) for a, b in pairs]), strict=True))
    reach = {name: {name} for name in names}
    for _ in names:
        for a, b in pairs:
            joined = reach[str(a)] | reach[str(b)]
            for name in joined:
                reach[name] = joined | reach[name]
    for name in names:
        assert {other for other in names if groups[other] == groups[name]} == reach[name]
        assert groups[name] == min(reach[name], key=names.index)
