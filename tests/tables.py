"""A small table of features for tests."""

from __future__ import annotations

import numpy as np

SEPARATING = 4


def table(genres: int, tracks: int, features: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Noise, but for one separating and one constant feature."""
    labels = np.repeat(np.arange(genres), tracks)
    values = np.random.default_rng(1).standard_normal((len(labels), features))
    values[:, SEPARATING] += 6.0 * labels
    values[:, 0] = 0.1
    return values, labels
