from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.robustness.headline import half_lost, headline, message


def cell(method: str, epsilon: float, **figures: float) -> dict[str, Any]:
    clean = {"segments": 40, "songs": 10, "song_clean_accuracy": 0.8, "song_robust_accuracy": 0.8}
    return {"method": method, "epsilon": epsilon, "robust_accuracy": 0.5} | clean | figures


CELLS = [
    cell("fgsm", 0.05, song_robust_accuracy=0.3, robust_accuracy=0.2),
    cell("fgsm", 0.01, song_robust_accuracy=0.7, robust_accuracy=0.6),
    cell("fgsm", 0.02, song_robust_accuracy=0.4, robust_accuracy=0.4),
    cell("pgd", 0.05, song_robust_accuracy=0.41, robust_accuracy=0.4),
    cell("pgd", 0.01, song_robust_accuracy=0.6, robust_accuracy=0.5),
]


def test_half_is_lost_at_the_smallest_epsilon_that_leaves_half_or_less() -> None:
    assert half_lost(CELLS, "fgsm") == 0.02
    assert half_lost(CELLS, "pgd") is None


def test_the_headline_has_a_figure_a_method() -> None:
    worst = [{"epsilon": 0.01, "value": 0.5}, {"epsilon": 0.05, "value": 0.1}]
    sample = cell("square", 0.01, segments=7, song_robust_accuracy=0.0)
    smallest = np.array([0.0, 0.01, 0.05, 0.05])
    assert headline([*CELLS, sample], worst, smallest) == {
        "segments": 40,
        "songs": 10,
        "half_songs_lost_epsilon": {"fgsm": 0.02, "pgd": None},
        "mean_robust_accuracy": {
            "fgsm": pytest.approx(0.4),
            "pgd": pytest.approx(0.45),
            "worst": pytest.approx(0.3),
        },
        "median_smallest_epsilon": 0.05,
    }


def test_the_closing_line_names_each_methods_epsilon() -> None:
    line = message(CELLS)
    assert "fgsm needs epsilon 0.02" in line
    assert "pgd needs more than was tried" in line
    assert "\n" not in line
    assert "overshoots" not in line


def test_a_step_of_fgsm_that_is_too_long_is_told() -> None:
    found = {0.05: 0.04, 0.01: 0.5, 0.1: 0.2}
    cells = [cell("fgsm", epsilon, robust_accuracy=share) for epsilon, share in found.items()]
    # Of PGD it would be a failure, which the verdict tells.
    rising = [cell("pgd", epsilon, robust_accuracy=epsilon) for epsilon in found]
    assert message([*cells, *rising]).split("; ")[-1] == (
        "fgsm overshoots at epsilon 0.1: 20.0% correct, 4.0% at 0.05"
    )
