"""Training data: batches of random excerpts, drawn again in each epoch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

Labelled = tuple[np.ndarray, np.ndarray]
"""Segments `(n, 128, 130)` float32 and labels `(n,)`."""


class Crops:
    """Batches of random excerpts of segments, all of one shape.

    The network averages over time, so it can be trained on excerpts of segments, in proportionally
    less time. The start of each excerpt is drawn again in each epoch; excerpts as long as a segment
    are the same in all. With batches of one shape TensorFlow plans its work once, which saves a
    third of the time.

    Attributes:
        batch_size: excerpts a batch.
        batches: batches an epoch; segments that fill no complete batch wait for another epoch.
    """

    def __init__(self, segments: Labelled, frames: int, batch_size: int, seed: int) -> None:
        """Prepare the batches.

        Args:
            segments: what to draw from.
            frames: length of an excerpt, at most that of a segment.
            batch_size: excerpts a batch, at most one a segment.
            seed: of the order and the excerpts.
        """
        self._values, self._labels = segments
        self._frames = min(frames, self._values.shape[2])
        self._seed = seed
        self.batch_size = min(batch_size, len(self._labels))
        self.batches = len(self._labels) // self.batch_size

    def epoch(self, number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the excerpts `(b, 128, frames, 1)` and labels `(b,)` of the epoch's batches."""
        random = np.random.default_rng([self._seed, number])
        order = random.permutation(len(self._labels))[: self.batches * self.batch_size]
        starts = random.integers(self._values.shape[2] - self._frames + 1, size=len(self._labels))
        for rows in order.reshape(self.batches, self.batch_size):
            cut = [self._values[row, :, starts[row] : starts[row] + self._frames] for row in rows]
            yield np.stack(cut)[..., None], self._labels[rows]
