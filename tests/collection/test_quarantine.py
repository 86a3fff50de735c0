from __future__ import annotations

from detune.collection.quarantine import count_reasons


def test_reasons_are_counted_by_kind() -> None:
    told = ["unreadable: a", "silent: below", "unreadable: b: c", "empty", "empty: 0 bytes"]
    expected = {"empty": 2, "unreadable": 2, "silent": 1}
    assert list(count_reasons(told).items()) == list(expected.items())
    assert count_reasons([]) == {}
