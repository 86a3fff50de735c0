from __future__ import annotations

from typing import Any

import pytest

from detune.train.epochs import epoch_count


@pytest.mark.parametrize(
    ("segments", "count"),
    [(1, 10), (560, 10), (700, 10), (2214, 15), (5940, 19), (7000, 20), (700_000, 20)],
)
def test_a_larger_collection_is_trained_on_for_longer(segments: int, count: int) -> None:
    assert epoch_count("auto", segments) == count


@pytest.mark.parametrize("epochs", [1, 50])
def test_a_number_is_taken_as_it_is(epochs: Any) -> None:
    assert epoch_count(epochs, 7000) == epochs
