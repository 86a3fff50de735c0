from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.robustness.example_audit import count_mismatches

CLEAN = np.full((6, 4, 5), 0.5, np.float32)
ROWS = np.array([4, 1, 2])


def predict(segments: np.ndarray) -> np.ndarray:
    """A model that goes by the mean."""
    mean = segments.mean(axis=(1, 2))
    return np.stack([mean, 1 - mean], axis=1)


def cell(rows: np.ndarray = ROWS, epsilon: float = 0.1) -> dict[str, np.ndarray]:
    examples = CLEAN[rows] + np.float32(epsilon)
    return {
        "row": np.arange(6),
        "example_rows": rows,
        "examples": examples,
        "example_linf": np.full(len(rows), epsilon),
        "example_logits": predict(examples),
    }


def count(cells: dict[Any, Any]) -> int:
    return count_mismatches(cells, cells.__getitem__, CLEAN, predict)


def test_cells_that_are_what_they_say_have_no_mismatch() -> None:
    sample = cell(np.array([1, 2])) | {"row": np.array([0, 1, 2])}
    cells = {("fgsm", 0.1): cell(), ("pgd", 0.2): cell(epsilon=0.2), ("s", 0.1): sample}
    assert count(cells) == 0


def test_other_rows_than_in_the_other_cells_count_all() -> None:
    assert count({("fgsm", 0.1): cell(), ("pgd", 0.1): cell(ROWS[::-1])}) == 3
    assert count({("fgsm", 0.1): cell(), ("pgd", 0.1): cell(ROWS[:2])}) == 2
    assert count({("fgsm", 0.1): cell(), ("pgd", 0.1): cell(ROWS[:0])}) == 1


@pytest.mark.parametrize("changed", ["examples", "example_linf", "example_logits"])
def test_another_size_or_prediction_counts_by_example(changed: str) -> None:
    arrays = cell()
    arrays[changed] = arrays[changed].copy()
    arrays[changed][1] = {
        "examples": 0.45,
        "example_linf": 0.11,
        "example_logits": np.array([0.0, 1.0]),
    }[changed]
    assert count({("pgd", 0.1): arrays}) == 1


def test_what_is_not_a_number_is_a_mismatch() -> None:
    arrays = cell() | {"example_linf": np.full(3, np.nan)}
    assert count({("pgd", 0.1): arrays}) == 3


def test_a_tie_may_go_either_way() -> None:
    arrays = cell(epsilon=0.0)
    # Both logits are 0.5: the file may say either.
    assert count({("pgd", 0.1): arrays}) == 0
    arrays["example_logits"] = arrays["example_logits"] + np.array([0.0, 1e-6])
    assert count({("pgd", 0.1): arrays}) == 0


def test_a_sample_without_any_example_has_no_mismatch() -> None:
    nothing = cell(ROWS[:0]) | {"row": np.array([0, 3])}
    assert count({("fgsm", 0.1): cell(), ("square", 0.1): nothing}) == 0
