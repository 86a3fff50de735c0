from __future__ import annotations

import numpy as np

from detune.ground_truth.windows import NAMES, SIZES, draw_windows


def test_windows_have_their_sizes_and_depend_on_their_segment_alone() -> None:
    masks, names = draw_windows([3, 8, 11], seed=1)
    alone, _ = draw_windows([8], seed=1)
    assert names == list(NAMES) * 3
    np.testing.assert_array_equal(masks[3:6], alone)
    for mask, (bands, seconds) in zip(masks[:3], SIZES, strict=True):
        assert mask.any(axis=1).sum() == bands
        assert mask.any(axis=0).sum() == round(seconds * 22_050 / 512)
        assert mask.sum() == mask.any(axis=1).sum() * mask.any(axis=0).sum()


def test_places_are_drawn_evenly() -> None:
    masks, _ = draw_windows(range(1500), seed=2)
    firsts = masks[::3].any(axis=2).argmax(axis=1)
    counts, _ = np.histogram(firsts, bins=5, range=(0, 128 - SIZES[0][0] + 1))
    assert counts.min() > 300 * 0.8
