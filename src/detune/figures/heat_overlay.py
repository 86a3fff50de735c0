"""A segment and, beside it, its heatmap over it: small, without axes."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps

from detune.figures.style import GREY, HEAT, SPECTROGRAM
from detune.gradcam.upsampling import upsample

OPACITY = 0.7
"""Of the strongest heat over the grey segment."""

GAP = 6
"""Pixels between the segment and its heatmap."""


def heat_overlay(segment: np.ndarray, heatmap: np.ndarray) -> np.ndarray:
    """A picture `(height, 2 width + GAP, 3)` uint8, low frequencies at the bottom.

    Args:
        segment: `(height, width)` in [0, 1].
        heatmap: in [0, 1], on any grid.
    """
    height, width = segment.shape
    heat = upsample(heatmap, (height, width))
    opacity = OPACITY * heat[..., None]
    overlay = (1 - opacity) * _coloured(GREY, segment) + opacity * _coloured(HEAT, heat)
    gap = np.ones((height, GAP, 3))
    both = np.concatenate([_coloured(SPECTROGRAM, segment), gap, overlay], axis=1)[::-1]
    return np.asarray(np.rint(255 * both), np.uint8)


def _coloured(name: str, values: np.ndarray) -> np.ndarray:
    """Colours `(height, width, 3)` of values in [0, 1]."""
    colours: np.ndarray = colormaps[name](np.clip(values, 0, 1))[..., :3]
    return colours
