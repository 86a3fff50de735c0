"""Spread a heatmap over the segment that it is about."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def upsample(heatmap: Array, shape: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Spread a heatmap bilinearly over `shape`; the outer edges of the two grids coincide."""
    rows, columns = (_blend(old, new) for old, new in zip(heatmap.shape, shape, strict=True))
    result: npt.NDArray[np.float64] = rows @ np.clip(heatmap, 0.0, 1.0) @ columns.T
    return result


def _blend(old: int, new: int) -> npt.NDArray[np.float64]:
    """Weights (new, old) of the old cells in each new cell, along one axis."""
    centres = (np.arange(new) + 0.5) * old / new - 0.5
    return np.stack([np.interp(centres, np.arange(old), cell) for cell in np.eye(old)], axis=1)
