"""What the network attends to: heatmaps of segments, and what it made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Attention:
    """What the network attends to in n segments.

    Attributes:
        heatmaps: `(n, height, width)` float32 in [0, 1] on the convolution's own grid, each with
            a maximum of 1 unless it is all zero; `(n, k, height, width)` for k targets a segment.
        logits: `(n, genres)` of the same segments.
    """

    heatmaps: np.ndarray
    logits: np.ndarray
