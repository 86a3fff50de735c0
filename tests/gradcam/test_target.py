from __future__ import annotations

import numpy as np
import pytest

from detune.gradcam.target import fixed_targets, require_target
from detune.support.errors import UserError

GENRES = ["blues", "jazz", "rock"]


@pytest.mark.parametrize(("target", "expected"), [("true", [2, 0]), ("jazz", [1, 1])])
def test_what_is_asked_about_can_be_fixed(target: str, expected: list[int]) -> None:
    found = fixed_targets(target, np.array([2, 0]), GENRES)
    assert found is not None
    assert found.tolist() == expected


def test_the_predicted_genre_is_not_fixed() -> None:
    assert fixed_targets("predicted", np.array([2, 0]), GENRES) is None


def test_an_unknown_genre_is_told_those_that_are_there() -> None:
    for refused in (
        lambda: require_target("polka", GENRES),
        lambda: fixed_targets("polka", np.array([0]), GENRES),
    ):
        with pytest.raises(UserError) as caught:
            refused()
        assert str(caught.value) == (
            "gradcam.target: 'polka' is no genre here: choose predicted, true, blues, jazz, rock"
        )
