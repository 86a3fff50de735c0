from __future__ import annotations

from detune.collection.quarantine import count_reasons, heavy_losses


def test_reasons_are_counted_by_kind() -> None:
    told = ["unreadable: a", "silent: below", "unreadable: b: c", "empty", "empty: 0 bytes"]
    expected = {"empty": 2, "unreadable": 2, "silent": 1}
    assert list(count_reasons(told).items()) == list(expected.items())
    assert count_reasons([]) == {}


def test_notes_are_counted_like_reasons_and_nothing_is_none() -> None:
    assert count_reasons(["end missing: 3 ms", "", "end missing: 5 ms"]) == {"end missing": 2}


def test_a_genre_that_lost_more_than_a_third_of_its_files_is_named() -> None:
    kept = ["rock"] * 4 + ["pop"] * 3 + ["jazz"]
    assert heavy_losses(kept, ["rock"] * 2 + ["", "jazz", "pop"]) == ["jazz lost 1 of 2 files"]
    assert heavy_losses(["rock"] * 3, ["rock"] * 2) == ["rock lost 2 of 5 files"]
    assert heavy_losses([], ["dub"]) == ["dub lost 1 of 1 files"]
