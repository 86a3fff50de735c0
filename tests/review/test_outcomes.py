from __future__ import annotations

from detune.review.outcomes import parse_outcomes

ROWS = [
    {
        "unit": "segment",
        "track": "a",
        "segment": "0",
        "genre": "pop",
        "clean": "pop",
        "pgd-0.1": "",
    },
    {
        "unit": "segment",
        "track": "a",
        "segment": "1",
        "genre": "pop",
        "clean": "rock",
        "pgd-0.1": "pop",
    },
    {
        "unit": "song",
        "track": "a",
        "segment": "",
        "genre": "pop",
        "clean": "pop",
        "pgd-0.1": "jazz",
    },
]


def test_a_cell_lists_only_what_it_attacked() -> None:
    segments = parse_outcomes(ROWS, "segment")
    assert segments.right == {
        "clean": {("a", "0"): True, ("a", "1"): False},
        "pgd-0.1": {("a", "1"): True},
    }
    assert segments.keys == {("a", "0"), ("a", "1")}
    assert parse_outcomes(ROWS, "song").right["pgd-0.1"] == {("a", ""): False}
