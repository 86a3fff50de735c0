from __future__ import annotations

from detune.review.causes import changed_code, changed_parameters


def test_parameters_that_differ_are_named_with_both_values() -> None:
    before = {"train": {"epochs": 10, "seed": 1}, "old": 1}
    after = {"train": {"epochs": 3, "seed": 1}}
    assert list(changed_parameters(before, after)) == [
        "params: train.epochs: 10 -> 3",
        "params: old: 1 -> absent",
    ]


def test_code_that_differs_is_named_and_the_rest_counted() -> None:
    before = {f"src/{letter}": "1" for letter in "abcdefg"}
    assert list(changed_code(before, before)) == []
    assert list(changed_code(before, {})) == ["code: src/a, src/b, src/c, src/d, src/e and 2 more"]
