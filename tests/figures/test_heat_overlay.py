from __future__ import annotations

import numpy as np

from detune.figures.heat_overlay import GAP, heat_overlay


def test_a_segment_has_low_frequencies_below_and_its_heatmap_beside_it() -> None:
    segment = np.zeros((128, 130))
    segment[64:] = 1
    cold, hot = (heat_overlay(segment, np.full((4, 4), heat)) for heat in (0.0, 1.0))
    assert hot.shape == (128, 2 * 130 + GAP, 3)
    assert hot[:58, :120].mean() > 150
    assert hot[70:, :120].mean() < 10
    assert cold[70:, 140:].mean() < 10
    assert hot[70:, 140:].mean() > 60
