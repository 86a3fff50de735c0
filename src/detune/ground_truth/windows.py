"""Windows that an attack is confined to: rectangles of seconds by mel bands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detune.audio.constants import HOP, SAMPLE_RATE, SHAPE

SIZES = ((24, 0.6), (48, 0.9), (64, 1.5))
"""Mel bands and seconds of the small, the medium and the large window: 4, 11 and 25 % of a
segment."""

NAMES = ("small", "medium", "large")


def draw_windows(rows: Sequence[int] | np.ndarray, seed: int) -> tuple[np.ndarray, list[str]]:
    """One window of each size for each segment, its place drawn evenly.

    Args:
        rows: `(n,)` numbers of the segments, which with `seed` decide their windows alone.
        seed: of the places.

    Returns:
        Masks `(3 n, 128, 130)` bool, all sizes of the first segment first, and the names of their
        sizes.
    """
    masks = [
        window(bands, seconds, [seed, int(row), bands]) for row in rows for bands, seconds in SIZES
    ]
    return np.asarray(masks, dtype=bool).reshape(-1, *SHAPE), list(NAMES) * len(rows)


def window(bands: int, seconds: float, seed: Sequence[int]) -> np.ndarray:
    """A mask `(128, 130)` with one rectangle in it, somewhere."""
    size = bands, round(seconds * SAMPLE_RATE / HOP)
    rng = np.random.default_rng(seed)
    low, first = (
        int(rng.integers(whole - part + 1)) for whole, part in zip(SHAPE, size, strict=True)
    )
    mask = np.zeros(SHAPE, dtype=bool)
    mask[low : low + size[0], first : first + size[1]] = True
    return mask
