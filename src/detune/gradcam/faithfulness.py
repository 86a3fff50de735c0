"""Does a heatmap mark what counts? Deletion and insertion curves (Petsiuk et al. 2018).

What is taken away is replaced by `band_levels`, what the training segments have in that band on
average: silence would be telling in itself, and the segment's own mean spectrum would still give
its genre away. What a heatmap marks competes with the same heatmap rolled to a random place, so
that areas of the same size and shape are removed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detune.gradcam.upsampling import upsample

SHARES = (0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
"""Shares of a segment that are removed or put in, one after the other."""

Forward = Callable[[np.ndarray], np.ndarray]
"""From segments `(n, 128, 130)` to logits `(n, genres)`."""


@dataclass(frozen=True)
class Curves:
    """Target logits `(n, shares)` of n segments as more and more is removed, or put in."""

    deletion: np.ndarray
    deletion_random: np.ndarray
    insertion: np.ndarray
    insertion_random: np.ndarray

    @property
    def deletion_gain(self) -> np.ndarray:
        """By how much lower the logit is than with random removal, mean over all shares `(n,)`."""
        return _mean_height(self.deletion_random - self.deletion)

    @property
    def insertion_gain(self) -> np.ndarray:
        """By how much higher the logit is than with random insertion, mean over all shares."""
        return _mean_height(self.insertion - self.insertion_random)


def band_levels(segments: np.ndarray) -> np.ndarray:
    """Mean level of each band `(128, 1)` over segments `(n, 128, 130)`."""
    return np.asarray(segments.mean(axis=(0, 2), dtype=np.float64)[:, None].astype(np.float32))


def curves(
    forward: Forward,
    segments: np.ndarray,
    heatmaps: np.ndarray,
    targets: np.ndarray,
    levels: np.ndarray,
    *,
    seed: int,
) -> Curves:
    """Deletion and insertion curves of heatmaps, and of the same rolled at random.

    Args:
        forward: the network.
        segments: `(n, 128, 130)`.
        heatmaps: `(n, height, width)`; all-zero ones mark nothing, so leave them out.
        targets: `(n,)` what each heatmap is about.
        levels: what stands for nothing, as `band_levels` gives it.
        seed: of the random places.
    """
    if not len(segments):
        return Curves(*(np.empty((0, len(SHARES))) for _ in range(4)))
    shape = int(segments.shape[1]), int(segments.shape[2])
    ranks = np.stack([_ranks(upsample(heat, shape)) for heat in heatmaps])
    rolled = _rolled(ranks, np.random.default_rng(seed))
    # With nothing or everything removed, all orders look the same.
    intact, empty = (
        _target_logits(forward, parts, targets)
        for parts in (segments, np.broadcast_to(levels, segments.shape).astype(np.float32))
    )

    def along(order: np.ndarray, *, remove: bool) -> np.ndarray:
        heights = [intact if remove else empty]
        for share in SHARES[1:-1]:
            marked = order < share
            mixed = np.where(marked == remove, levels, segments)
            heights.append(_target_logits(forward, mixed, targets))
        return np.stack([*heights, empty if remove else intact], axis=1)

    return Curves(
        deletion=along(ranks, remove=True),
        deletion_random=along(rolled, remove=True),
        insertion=along(ranks, remove=False),
        insertion_random=along(rolled, remove=False),
    )


def _ranks(heat: np.ndarray) -> np.ndarray:
    """What share of the segment is hotter than each point: 0 for the hottest."""
    flat = heat.ravel()
    order = np.argsort(-flat, kind="stable")
    ranks = np.empty(flat.size)
    ranks[order] = np.arange(flat.size) / flat.size
    return ranks.reshape(heat.shape)


def _rolled(ranks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each of `(n, bands, frames)` moved round to a random place."""
    shifts = rng.integers(1, ranks.shape[1:], size=(len(ranks), 2))
    return np.stack(
        [np.roll(rank, shift, axis=(0, 1)) for rank, shift in zip(ranks, shifts, strict=True)]
    )


def _target_logits(forward: Forward, segments: np.ndarray, targets: np.ndarray) -> np.ndarray:
    return np.asarray(forward(segments)[np.arange(len(targets)), targets])


def _mean_height(curve: np.ndarray) -> np.ndarray:
    """Area under each curve `(n, shares)` over shares from 0 to 1."""
    widths = np.diff(SHARES)
    return np.asarray(((curve[:, 1:] + curve[:, :-1]) / 2) @ widths)
