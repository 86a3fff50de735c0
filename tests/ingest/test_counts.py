from __future__ import annotations

from detune.ingest.counts import count_causes, count_tracks
from detune.ingest.tracks import Quarantined, Track


def track(name: str, genre: str, group: str, notes: str = "") -> Track:
    return Track(name, genre, 3.0, "", f"{genre}/{name}", group, notes)


TRACKS = [
    track("a", "dub", "a", "leading silence; tag: ID3"),
    track("b", "dub", "a", "tag: APE"),
    track("c", "ska", "a"),
    track("d", "ska", "d"),
]
LEFT_OUT = [Quarantined("e", "ska", "silent"), Quarantined("f", "", "truncated: 2 s")]


def test_tracks_are_counted() -> None:
    assert count_tracks(TRACKS, LEFT_OUT, unlisted=5, small_genres=1) == {
        "tracks": 4,
        "genres": 2,
        "quarantined": 2,
        "unlisted": 5,
        "small_genres": 1,
        "noted": 2,
        "duplicate_groups": 1,
        "duplicate_tracks": 3,
        "label_conflicts": 1,
    }


def test_causes_are_counted_by_kind() -> None:
    causes = count_causes(TRACKS, LEFT_OUT)
    assert causes == {
        "reasons": {"silent": 1, "truncated": 1},
        "notes": {"tag": 2, "leading silence": 1},
    }
