from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detune.attack.grid import cell_name, cells, read_predictions
from detune.params.method_options import METHODS
from detune.support.files import write_npz


@pytest.mark.parametrize(
    ("epsilon", "name"), [(0.1, "pgd-0.1"), (0.001, "pgd-0.001"), (0.05, "pgd-0.05")]
)
def test_a_cell_is_named_after_method_and_epsilon(epsilon: float, name: str) -> None:
    assert cell_name("pgd", epsilon) == name


def test_every_method_meets_every_epsilon_once_in_order_of_epsilon() -> None:
    assert cells(["pgd", "fgsm"], [0.1, 0.001, 0.02]) == [
        ("fgsm", 0.001),
        ("pgd", 0.001),
        ("fgsm", 0.02),
        ("pgd", 0.02),
        ("fgsm", 0.1),
        ("pgd", 0.1),
    ]
    assert cells(["fgsm"], []) == []
    assert cells(METHODS, [0.5]) == [(method, 0.5) for method in METHODS]


def test_no_two_cells_share_a_name() -> None:
    grid = cells(METHODS, [0.1, 0.01, 0.001, 1.0, 0.11])
    assert len({cell_name(*cell) for cell in grid}) == len(grid) == 5 * len(METHODS)


def test_predictions_come_without_the_segments(tmp_path: Path) -> None:
    segments = np.zeros((2, 128, 130), np.float32)
    write_npz(tmp_path / "a.npz", row=np.arange(2), first_wrong=segments, examples=segments[:1])
    assert list(read_predictions(tmp_path / "a.npz")) == ["row"]
