from __future__ import annotations

import numpy as np
import pytest

from detune.gradcam.comparison import ADVERSARIAL, ATTACK, NOISE, ORIGINAL, Comparison

FLIPPED = np.array([True, False, True])


@pytest.mark.parametrize(
    ("kind", "groups"),
    [
        (ATTACK, {"all": 3, "flipped": 2, "not flipped": 1}),
        (ORIGINAL, {"all": 3, "flipped": 2, "not flipped": 1}),
        (ADVERSARIAL, {"flipped": 2}),
        (NOISE, {"all": 3}),
    ],
)
def test_groups_are_those_that_a_comparison_can_tell_apart(
    kind: str, groups: dict[str, int]
) -> None:
    found = Comparison(kind, {}, FLIPPED).groups()
    assert {name: int(members.sum()) for name, members in found.items()} == groups
