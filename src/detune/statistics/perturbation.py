"""Changes of segments: how large they are, and random ones to compare with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def signed_noise(
    segments: np.ndarray, size: float | np.ndarray, seeds: Sequence[Sequence[int]]
) -> np.ndarray:
    """Segments `(n, …)` with a change of a given size and random signs added.

    Args:
        segments: in [0, 1], and so is the result.
        size: of the change, everywhere or at each point `(n, …)`.
        seeds: `n` seeds, one of each segment's noise.
    """
    noisy = np.empty_like(segments)
    sizes = np.broadcast_to(np.asarray(size, np.float32), segments.shape)
    for place, seed in enumerate(seeds):
        signs = np.random.default_rng(seed).choice(
            np.array([-1, 1], np.float32), size=segments.shape[1:]
        )
        noisy[place] = np.clip(segments[place] + sizes[place] * signs, 0, 1)
    return noisy


def sizes(adversarial: np.ndarray, clean: np.ndarray) -> dict[str, np.ndarray]:
    """How large a change is, and between what values it leaves a segment, each `(n,)`.

    Args:
        adversarial: segments after the change `(n, 128, 130)`.
        clean: the same before it.
    """
    change = (adversarial - clean).reshape(len(clean), int(np.prod(clean.shape[1:])))
    return {
        "linf": np.abs(change).max(axis=1),
        "l2": np.linalg.norm(change, axis=1),
        "lowest": adversarial.min(axis=(1, 2)),
        "highest": adversarial.max(axis=(1, 2)),
    }
