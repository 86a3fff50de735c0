from __future__ import annotations

import numpy as np

from detune.train.report import chance_warning


def songs(right: int, count: int) -> np.ndarray:
    return np.arange(count) < right


def test_guesses_are_warned_of() -> None:
    # By hand: 4 of 15 at one in ten has a probability of 0.056, 5 of 15 one of 0.013.
    assert "4 of 15 validation songs right" in chance_warning(songs(4, 15), 10)
    assert chance_warning(songs(5, 15), 10) == ""


def test_few_songs_cannot_tell() -> None:
    assert "WARNING" in chance_warning(songs(2, 2), 2)
    assert chance_warning(songs(9, 9), 2) == ""
