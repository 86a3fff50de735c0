"""Data augmentation: masks, mixup and label smoothing, against overfitting."""

from __future__ import annotations

import numpy as np

from detune.params.training import Augment

BANDS, FRAMES = 1, 2
"""Axes of a batch."""


def augmented(
    values: np.ndarray, labels: np.ndarray, genres: int, random: np.random.Generator, how: Augment
) -> tuple[np.ndarray, np.ndarray]:
    """Apply data augmentation to a batch: excerpts and their targets.

    Args:
        values: excerpts `(b, 128, frames, 1)` float32, which stay as they are.
        labels: their labels `(b,)`.
        genres: how many genres there are.
        random: decides what is hidden and mixed.
        how: the strength of each; all 0 changes nothing.

    Returns:
        Excerpts of the same shape, and the probability of each genre `(b, genres)` float32.
    """
    targets = np.eye(genres, dtype=np.float32)[labels]
    values = hidden(values, BANDS, how.frequency_mask, random)
    values = hidden(values, FRAMES, how.time_mask, random)
    values, targets = mixed(values, targets, how.mixup, random)
    return values, smoothed(targets, how.label_smoothing)


def hidden(
    values: np.ndarray, axis: int, max_width: int, random: np.random.Generator
) -> np.ndarray:
    """Replace a stripe of each excerpt by its mean (SpecAugment, Park et al. 2019).

    Args:
        values: excerpts `(b, 128, frames, 1)`.
        axis: `BANDS` or `FRAMES`.
        max_width: bands or frames hidden at most; all widths up to it are equally likely.
        random: decides widths and places.
    """
    if not max_width:
        return values
    length = values.shape[axis]
    widths = random.integers(min(max_width, length) + 1, size=len(values))
    starts = random.integers(length - widths + 1)
    places = np.arange(length)
    stripe = (places >= starts[:, None]) & (places < (starts + widths)[:, None])
    shape = [len(values), 1, 1, 1]
    shape[axis] = length
    return np.where(stripe.reshape(shape), values.mean(axis=(1, 2, 3), keepdims=True), values)


def mixed(
    values: np.ndarray, targets: np.ndarray, alpha: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mix each excerpt with another of the batch, and their targets too (Zhang et al. 2018).

    Args:
        values: excerpts `(b, 128, frames, 1)`.
        targets: `(b, genres)`.
        alpha: of the Beta distribution that decides the shares; 0 mixes nothing.
        random: decides shares and pairs.
    """
    if not alpha:
        return values, targets
    share = random.beta(alpha, alpha, size=len(values)).astype(np.float32)
    other = random.permutation(len(values))
    of_values, of_targets = share[:, None, None, None], share[:, None]
    return (
        of_values * values + (1 - of_values) * values[other],
        of_targets * targets + (1 - of_targets) * targets[other],
    )


def smoothed(targets: np.ndarray, share: float) -> np.ndarray:
    """Spread `share` of each target `(b, genres)` evenly over all genres (Szegedy et al. 2016)."""
    return np.asarray((1 - share) * targets + share / targets.shape[1], dtype=np.float32)
