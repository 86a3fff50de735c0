from __future__ import annotations

from detune.ingest.labelled import MISSING
from detune.ingest.left_out import describe, small_genres
from detune.ingest.tracks import Quarantined

QUARANTINED = [
    Quarantined("a.mp3", "dub", MISSING),
    Quarantined("b.mp3", "dub", "silent: below -70 dBFS"),
    Quarantined("c.mp3", "ska", "small genre: 2 tracks, fewer than 3"),
    Quarantined("d.mp3", "ska", "small genre: 2 tracks, fewer than 3"),
    Quarantined("e.mp3", "ska", MISSING),
    Quarantined("f.mp3", "polka", MISSING),
    Quarantined("g.mp3", "", "no genre: neither its folder nor its name gives one"),
]


def test_genres_without_a_track_have_their_number_of_tracks() -> None:
    assert small_genres(["dub"], QUARANTINED) == {"ska": 2}
    assert small_genres(["dub", "ska", "polka"], QUARANTINED) == {}


def test_what_is_left_out_is_counted_and_named() -> None:
    assert describe(QUARANTINED, 7, {"ska": 2}) == [
        "3 missing files, 'a.mp3' the first",
        "7 files that data.labels does not list",
        "small genres left out, with their tracks: ska (2)",
    ]
    assert describe([], 0, {}) == []


def test_of_many_small_genres_the_first_are_named() -> None:
    (line,) = describe([], 0, {f"g{number:02}": 1 for number in range(12)})
    assert line.endswith("g08 (1), g09 (1) and 2 more")
