"""Catastrophic overfitting: a network learns to withstand a single step, and nothing else.

Within an epoch accuracy under PGD collapses while that under FGSM stays high or rises (Wong et al.
2020; Andriushchenko & Flammarion 2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FALL = 0.2
"""Accuracy under PGD lost since the best epoch (Wong et al. 2020 stop at this, too)."""

Row = Mapping[str, float]


def overfitted_epoch(rows: Sequence[Row]) -> int | None:
    """The epoch, from 1, in which accuracy under PGD collapsed and that under FGSM did not.

    Where both fall, as in an unsteady epoch, it is none; nor without adversarial training.

    Args:
        rows: a row an epoch, with `val_robust_accuracy` and `val_fgsm_accuracy`.
    """
    if not (rows and "val_robust_accuracy" in rows[0]):
        return None
    for epoch in range(1, len(rows)):
        before, now = _best(rows[:epoch]), rows[epoch]
        lost = before["val_robust_accuracy"] - now["val_robust_accuracy"]
        single = before["val_fgsm_accuracy"] - now["val_fgsm_accuracy"]
        if lost >= FALL and single <= lost / 2:
            return epoch + 1
    return None


def overfitting_warning(rows: Sequence[Row]) -> str:
    """One clause for the closing line where it was found, else nothing."""
    epoch = overfitted_epoch(rows)
    if epoch is None:
        return ""
    before, now = _best(rows[: epoch - 1]), rows[epoch - 1]
    return (
        f"; WARNING: catastrophic overfitting in epoch {epoch}: validation segments that withstand "
        f"PGD fell from {before['val_robust_accuracy']:.0%} to {now['val_robust_accuracy']:.0%}, "
        f"while {now['val_fgsm_accuracy']:.0%} withstand FGSM: training stopped, and earlier "
        "weights are kept; lower train.adversarial.epsilon, or set train.adversarial.method to pgd"
    )


def _best(rows: Sequence[Row]) -> Row:
    """The last of the rows with the highest accuracy under PGD."""
    return max(reversed(rows), key=lambda row: row["val_robust_accuracy"])
