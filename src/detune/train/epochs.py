"""How many epochs a training lasts where the collection decides."""

from __future__ import annotations

import math
from typing import Literal

SMALL, LARGE = 700, 7000
"""Training segments of a hundred tracks and of a thousand, ten a track."""

EPOCHS_SMALL, EPOCHS_LARGE = 10, 20
"""What serves each: measured in docs/training.md."""


def epoch_count(epochs: int | Literal["auto"], segments: int) -> int:
    """The number of epochs, at most.

    Args:
        epochs: what the parameter says; `auto` is 10 up to 700 training segments and 20 from 7,000
            on, between them by the logarithm of their number.
        segments: how many training segments there are.
    """
    if epochs != "auto":
        return epochs
    share = math.log(max(segments, 1) / SMALL) / math.log(LARGE / SMALL)
    between = min(max(share, 0.0), 1.0)
    return round(EPOCHS_SMALL + between * (EPOCHS_LARGE - EPOCHS_SMALL))
