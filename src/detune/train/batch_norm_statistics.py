"""Batch norm's means and variances, estimated anew for weights that were averaged.

The running statistics of training lag behind weights that move fast, and belong to no averaged
weights at all. So they are estimated again by forward passes over training segments, as after
stochastic weight averaging (Izmailov et al. 2018; Wu & Johnson 2021, "precise batch norm").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detune.network.runtime import keras
from detune.train.fused_batch_norm import FusedBatchNormalization
from detune.train.network import build_model

SEGMENTS, BATCH = 128, 32
"""Training segments that statistics are estimated on, and how many at a time."""


class StatisticsEstimator:
    """Estimates the statistics for any weights of the network, always on the same segments."""

    def __init__(self, segments: np.ndarray, genres: int, seed: int) -> None:
        """Draw the segments, at most `SEGMENTS`.

        Args:
            segments: training segments `(n, 128, 130)`.
            genres: how many genres the network has.
            seed: of the draw.
        """
        rows = np.random.default_rng(seed).permutation(len(segments))[:SEGMENTS]
        self._batches = [
            segments[batch][..., None] for batch in np.array_split(rows, max(1, len(rows) // BATCH))
        ]
        # Without dropout, as when the model is used.
        self._model = build_model(
            genres, spatial_dropout=0.0, dense_dropout=0.0, norm=FusedBatchNormalization
        )
        self._norms = [
            layer
            for layer in self._model.layers
            if isinstance(layer, keras.layers.BatchNormalization)
        ]

    def estimate(self, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
        """`weights` with the means and variances that their own activations have."""
        self._model.set_weights(weights)
        for number, batch in enumerate(self._batches):
            for norm in self._norms:  # the mean over all batches so far
                norm.momentum = number / (number + 1)
            self._model(batch, training=True)
        return list(self._model.get_weights())
