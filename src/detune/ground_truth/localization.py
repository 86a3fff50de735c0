"""How well heat lies where it is known to belong, and how well by chance.

Each measure takes heat `(n, 128, 130)` of at least 0 and regions `(n, 128, 130)` bool, and gives
`(n,)`; heat that is all zero marks nothing, and gets 0, not NaN: a method that stays silent has not
found the place.
"""

from __future__ import annotations

import numpy as np

POINTING, IOU, INSIDE = "pointing", "iou", "inside"
"""The measures, by the name they have in tables."""


def localize(heat: np.ndarray, regions: np.ndarray) -> dict[str, np.ndarray]:
    """Every measure of where heat lies, by name."""
    return {
        POINTING: pointing_game(heat, regions),
        IOU: intersection_over_union(heat, regions),
        INSIDE: share_inside(heat, regions),
    }


def localize_by_chance(heat: np.ndarray, regions: np.ndarray) -> dict[str, np.ndarray]:
    """The mean of each measure over all places that the same heat can be rolled to, exactly."""
    marks = heat.any(axis=(1, 2))
    area = regions.mean(axis=(1, 2)) * marks
    sizes = np.minimum(regions.sum(axis=(1, 2)), (heat > 0).sum(axis=(1, 2)))
    hot = np.fft.rfft2(hottest(heat, regions.sum(axis=(1, 2))))
    common = np.fft.irfft2(hot.conj() * np.fft.rfft2(regions), s=regions.shape[1:])
    union = (sizes + regions.sum(axis=(1, 2)))[:, None, None] - common
    return {POINTING: area, IOU: (common / union).mean(axis=(1, 2)), INSIDE: area}


def pointing_game(heat: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Whether the hottest point is in the region (Zhang et al. 2018): 1 or 0.

    Of several equally hot points, the share that is inside.
    """
    hot = (heat == heat.max(axis=(1, 2), keepdims=True)) & (heat > 0)
    return _share((hot & regions).sum(axis=(1, 2)), hot.sum(axis=(1, 2)))


def intersection_over_union(heat: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Intersection over union of the region and as many of the hottest points."""
    hot = hottest(heat, regions.sum(axis=(1, 2)))
    return _share((hot & regions).sum(axis=(1, 2)), (hot | regions).sum(axis=(1, 2)))


def share_inside(heat: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Share of all heat that is in the region ("energy-based pointing game", Wang et al. 2020)."""
    totals = heat.sum(axis=(1, 2), dtype=np.float64)
    return _share((heat * regions).sum(axis=(1, 2), dtype=np.float64), totals)


def hottest(heat: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The `counts` `(n,)` hottest points of each, `(n, 128, 130)` bool; none without any heat."""
    flat = heat.reshape(len(heat), int(np.prod(heat.shape[1:])))
    order = np.argsort(-flat, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(flat.shape[1])[None], axis=1)
    return np.asarray(((ranks < counts[:, None]) & (flat > 0)).reshape(heat.shape))


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(part / np.where(whole > 0, whole, 1), dtype=np.float64)
