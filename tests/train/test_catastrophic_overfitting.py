from __future__ import annotations

import pytest

from detune.train.catastrophic_overfitting import overfitted_epoch, overfitting_warning


def rows(*accuracies: tuple[float, float]) -> list[dict[str, float]]:
    """Epochs of these accuracies under PGD and FGSM."""
    return [{"val_robust_accuracy": pgd, "val_fgsm_accuracy": fgsm} for pgd, fgsm in accuracies]


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [
        (((0.4, 0.5), (0.5, 0.6), (0.1, 0.7)), 3),
        (((0.5, 0.6), (0.4, 0.6), (0.25, 0.65)), 3),  # in two epochs
        (((0.5, 0.6), (0.5, 0.65), (0.4, 0.6)), None),  # an unsteady epoch
        (((0.5, 0.6), (0.1, 0.2)), None),  # which may also be worse
        (((0.1, 0.9),), None),
        ((), None),
    ],
)
def test_it_is_a_fall_under_pgd_and_not_under_fgsm(
    epochs: tuple[tuple[float, float], ...], expected: int | None
) -> None:
    assert overfitted_epoch(rows(*epochs)) == expected
    assert bool(overfitting_warning(rows(*epochs))) == (expected is not None)


def test_the_warning_tells_what_happened_in_one_line() -> None:
    line = overfitting_warning(rows((0.4, 0.5), (0.5, 0.6), (0.1, 0.7)))
    assert "epoch 3: validation segments that withstand PGD fell from 50% to 10%" in line
    assert "70% withstand FGSM" in line
    assert "\n" not in line


def test_plain_training_knows_nothing_of_it() -> None:
    assert overfitting_warning([{"loss": 1.0}, {"loss": 2.0}]) == ""
