from __future__ import annotations

import numpy as np

from detune.gradcam.upsampling import upsample

RNG = np.random.default_rng(0)


def test_upsampling_keeps_levels_and_places() -> None:
    np.testing.assert_allclose(upsample(np.full((16, 16), 0.3), (128, 130)), 0.3)
    ramp = np.repeat(np.arange(4.0)[:, None] / 4, 2, axis=1)
    np.testing.assert_allclose(
        upsample(ramp, (8, 2))[:, 0] * 4, [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]
    )
    grid = RNG.random((5, 7))
    np.testing.assert_allclose(upsample(grid, (5, 7)), grid)
    np.testing.assert_allclose(upsample(np.array([[0.5]]), (4, 3)), 0.5)
