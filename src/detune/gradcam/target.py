"""What heatmaps are about: the predicted genre, the true one, or one by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detune.support.errors import UserError

PREDICTED_GENRE, TRUE_GENRE = "predicted", "true"
"""What heatmaps may be about, beside a genre by name."""


def require_target(target: str, genres: Sequence[str]) -> None:
    """Make sure that heatmaps can be about `target`.

    Args:
        target: `predicted`, `true` or one of `genres`.
        genres: names of those that there are.

    Raises:
        UserError: there is no such genre.
    """
    if target not in (PREDICTED_GENRE, TRUE_GENRE, *genres):
        raise UserError(
            f"gradcam.target: {target!r} is no genre here: choose {PREDICTED_GENRE}, "
            f"{TRUE_GENRE}, {', '.join(genres)}"
        )


def fixed_targets(target: str, labels: np.ndarray, genres: Sequence[str]) -> np.ndarray | None:
    """The labels `(n,)` that heatmaps are about, or None for the predicted ones.

    Args:
        target: `predicted`, `true` or one of `genres`.
        labels: true labels `(n,)`.
        genres: names in order of label.

    Raises:
        UserError: there is no such genre.
    """
    require_target(target, genres)
    if target == PREDICTED_GENRE:
        return None
    return labels if target == TRUE_GENRE else np.full_like(labels, list(genres).index(target))
