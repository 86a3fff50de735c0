"""Channels: notice those that cancel one another in a mono mix, and mix them so that they don't."""

from __future__ import annotations

import numpy as np

CANCELLED = 0.5
"""A block in which the mix has less than this share of the power that unrelated channels would
have is cancelled: two channels of equal power whose correlation is below -0.5."""

MAX_CANCELLED_SHARE = 0.25
"""A recording is cancelled where more than this share of its power is in cancelled blocks."""


class Channels:
    """How the channels of a recording go together; an offset that never changes is left out."""

    def __init__(self) -> None:
        """Start with no samples."""
        self._power = self._cancelled = 0.0
        self._covariance: np.ndarray | None = None

    def add(self, block: np.ndarray) -> None:
        """Add a block `(n, channels)` of samples; a second or more says most."""
        if block.shape[1] < 2 or not len(block):
            return
        with np.errstate(over="ignore", invalid="ignore"):
            moments = (block.T @ block).astype(np.float64)
            # A product, because to sum columns takes longer than all the rest.
            sums = (np.ones(len(block), np.float32) @ block).astype(np.float64)
            covariance = moments - np.outer(sums, sums) / len(block)
        self._covariance = covariance + (0.0 if self._covariance is None else self._covariance)
        unrelated = float(np.trace(covariance))
        self._power += unrelated
        if covariance.sum() < CANCELLED * unrelated:
            self._cancelled += unrelated

    def weights(self) -> np.ndarray | None:
        """What to weigh the channels with, `(channels,)`; None where their mean keeps the music.

        Two channels of opposite sign are mixed with the second one inverted. Otherwise the
        loudest channel stands for all.
        """
        covariance = self._covariance
        if covariance is None or not self._cancelled > MAX_CANCELLED_SHARE * self._power:
            return None
        channels = len(covariance)
        if channels == 2 and covariance.sum() < CANCELLED * np.trace(covariance):
            return np.array([0.5, -0.5], np.float32)
        weights: np.ndarray = np.zeros(channels, np.float32)
        weights[np.diag(covariance).argmax()] = 1.0
        return weights
