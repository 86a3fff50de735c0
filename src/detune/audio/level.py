"""Level: how loud a track is."""

from __future__ import annotations

import math

import numpy as np


def level_dbfs(audio: np.ndarray) -> float:
    """RMS level of `audio` of shape `(n,)` in dB relative to full scale; -inf for silence.

    A constant offset is no sound and does not count.
    """
    power = float(np.var(audio, dtype=np.float64))
    return 10 * math.log10(power) if power > 0 else -math.inf
