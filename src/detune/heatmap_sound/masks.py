"""Heatmaps as gains on the short-time spectrum of a sound, and masks to compare them with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detune.listen.inversion import spread_over_bins
from detune.sound.spectra import samples_of, spectra

HEATMAP, IN_TIME = "heatmap", "heatmap moved in time"
MOVED, LOUDEST = "moved heatmap", "loudest place"

MASKS = (HEATMAP, IN_TIME, MOVED, LOUDEST)


def masks(
    heat: np.ndarray, segments: np.ndarray, seeds: Sequence[Sequence[int]]
) -> dict[str, np.ndarray]:
    """A heatmap and masks with the same values at other places, each `(n, 128, 130)`, as `MASKS`.

    Moved in time alone, the values stay in their bands.

    Args:
        heat: `(n, 128, 130)` between 0 and 1.
        segments: `(n, 128, 130)` what it is about.
        seeds: `n` seeds, one of each segment's random place.
    """
    moved = [_moved(one, seed) for one, seed in zip(heat, seeds, strict=True)]
    in_time, anywhere = (np.stack(one) for one in zip(*moved, strict=True))
    return {
        HEATMAP: heat,
        IN_TIME: in_time,
        MOVED: anywhere,
        LOUDEST: _at_loudest(heat, segments),
    }


def parts(samples: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a mask marks alone, and all but that; they add up to `samples`, all `(n, 66150)`.

    Phases stay those of the original. What no mel filter hears is in the second.

    Args:
        samples: float32.
        mask: `(n, 128, 130)` between 0 and 1.
    """
    whole = spectra(samples)
    gains = spread_over_bins(mask).astype(np.float32)
    return samples_of(whole * gains), samples_of(whole * (1 - gains))


def _moved(heat: np.ndarray, seed: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """One heatmap moved by random distances, over the edges: in time alone, and in both ways."""
    rng = np.random.default_rng(seed)
    bands, frames = (int(rng.integers(size)) for size in heat.shape)
    in_time = np.roll(heat, frames, axis=1)
    return in_time, np.roll(in_time, bands, axis=0)


def _at_loudest(heat: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """The highest values where segments are loudest, and so on down."""
    order = segments.reshape(len(segments), -1).argsort(axis=1, kind="stable")
    placed = np.empty_like(heat).reshape(len(heat), -1)
    np.put_along_axis(placed, order, np.sort(heat.reshape(len(heat), -1), axis=1), axis=1)
    return placed.reshape(heat.shape)
