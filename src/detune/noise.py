"""Random signs: a change as large as an attack's, without its aim."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def signed_noise(
    segments: np.ndarray, epsilon: float, seeds: Sequence[Sequence[int]]
) -> np.ndarray:
    """Segments `(n, …)` with random signs of size `epsilon` added, as an attack would.

    Args:
        segments: in [0, 1], and so is the result.
        epsilon: the size.
        seeds: `n` seeds, one of each segment's noise.
    """
    noisy = np.empty_like(segments)
    for place, seed in enumerate(seeds):
        signs = np.random.default_rng(seed).choice(
            np.array([-1, 1], np.float32), size=segments.shape[1:]
        )
        noisy[place] = np.clip(segments[place] + np.float32(epsilon) * signs, 0, 1)
    return noisy
