"""What tells genres apart in a table of features: the numbers behind the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.covariance import ledoit_wolf_shrinkage, shrunk_covariance

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
# Deviations below this share of a feature's size are rounding errors.
ROUNDING = 1e-9
LEAST_SHRINKAGE = 1e-3


class Plane(NamedTuple):
    """Tracks seen in the plane that shows them best.

    Attributes:
        points: (n_tracks, 2).
        names: of the two axes.
        shares: of the variance, 0 to 1, along the two axes; between the genres for discriminants,
            of all tracks for principal components.
    """

    points: Floats
    names: tuple[str, str]
    shares: tuple[float, float]


class Separation(NamedTuple):
    """What separates the genres of a table of features.

    Attributes:
        features: names of the features.
        genres: names of the genres; a genre may have no tracks.
        labels: (n_tracks,) indices into `genres`.
        scores: (n_tracks, n_features), standardised.
        strengths: (n_features,) ANOVA F of each feature between the genres.
        plane: the tracks in the plane that shows them best.
    """

    features: Sequence[str]
    genres: Sequence[str]
    labels: Array
    scores: Floats
    strengths: Floats
    plane: Plane

    @property
    def ranking(self) -> Array:
        """Indices of the features, the one that separates most first."""
        return np.argsort(-self.strengths, kind="stable")


def separate(
    values: Array, features: Sequence[str], labels: Array, genres: Sequence[str]
) -> Separation:
    """Find what separates the genres.

    Args:
        values: (n_tracks, n_features), finite.
        features: names of the features.
        labels: (n_tracks,) indices into `genres`.
        genres: names of the genres.

    Raises:
        ValueError: the shapes disagree, there are no tracks, or a value is not finite.
    """
    if values.shape != (len(labels), len(features)) or not values.size:
        raise ValueError(f"values {values.shape}, {len(labels)} labels, {len(features)} features")
    if not np.isfinite(values).all():
        raise ValueError("a value is not finite")
    scores = standardise(values)
    strengths = f_statistics(scores, labels)
    return Separation(features, genres, labels, scores, strengths, best_plane(scores, labels))


def standardise(features: Array) -> Floats:
    """Features as z-scores over all tracks; a constant feature becomes zero.

    Args:
        features: (n_tracks, n_features), finite.

    Returns:
        (n_tracks, n_features).
    """
    values = np.asarray(features, dtype=np.float64)
    centred = values - values.mean(axis=0)
    deviation = centred.std(axis=0)
    constant = deviation <= ROUNDING * np.abs(values).max(axis=0)
    scores: Floats = np.where(constant, 0.0, centred / np.where(constant, 1.0, deviation))
    return scores


def f_statistics(scores: Floats, labels: Array) -> Floats:
    """The ANOVA F of each feature: variance between the genres over that within them.

    Args:
        scores: (n_tracks, n_features), standardised.
        labels: (n_tracks,) indices of genres.

    Returns:
        (n_features,); 0 for a constant feature or where the tracks are too few to tell, and
        infinite for a feature that never varies within a genre.
    """
    means, residuals = _split(scores, labels)
    groups, tracks = len(np.unique(labels)), len(labels)
    if groups < 2 or tracks <= groups:
        return np.zeros(scores.shape[1])
    between = (means**2).sum(axis=0) / (groups - 1)
    within = (residuals**2).sum(axis=0) / (tracks - groups)
    exact = within <= ROUNDING * between
    ratio = between / np.where(exact, 1.0, within)
    result: Floats = np.where(exact, np.where(between > 0, np.inf, 0.0), ratio)
    return result


def best_plane(scores: Floats, labels: Array) -> Plane:
    """The plane of the first two linear discriminants.

    The directions along which the genres' means lie furthest apart, measured in the spread of the
    tracks within a genre. That spread is shrunk towards a sphere (Ledoit and Wolf), without which
    a few tracks in many features would seem separated perfectly. Where there are fewer than three
    genres, or no spread, the plane of the first two principal components takes its place.

    Args:
        scores: (n_tracks, n_features), standardised.
        labels: (n_tracks,) indices of genres.
    """
    varied = scores[:, scores.any(axis=0)]
    means, residuals = _split(varied, labels)
    flat = not residuals.size or float(np.abs(residuals).max()) < ROUNDING
    if len(np.unique(labels)) < 3 or varied.shape[1] < 2 or flat:
        return _principal_plane(varied)
    sphere = _whitening(residuals)
    # In ascending order of the variance between the genres.
    variances, axes = np.linalg.eigh((means @ sphere).T @ (means @ sphere))
    second, first = (float(variance / variances.sum()) for variance in variances[-2:])
    points = varied @ _upright(sphere @ axes[:, [-1, -2]])
    return Plane(points, ("discriminant 1", "discriminant 2"), (first, second))


def _whitening(residuals: Floats) -> Floats:
    """The map (n_features, n_features) that makes the spread within the genres a sphere."""
    shrinkage = max(LEAST_SHRINKAGE, float(ledoit_wolf_shrinkage(residuals, assume_centered=True)))
    covariance = shrunk_covariance(residuals.T @ residuals / len(residuals), shrinkage)
    variances, axes = np.linalg.eigh(covariance)
    whitening: Floats = axes / np.sqrt(variances)
    return whitening


def _principal_plane(scores: Floats) -> Plane:
    """The first two principal components; missing ones are zero."""
    # Two columns of zeros guarantee two components.
    padded = np.hstack([scores, np.zeros((len(scores), 2))])
    _, lengths, axes = np.linalg.svd(np.vstack([padded, np.zeros((2, padded.shape[1]))]), False)
    total = float((lengths**2).sum()) or 1.0
    first, second = (float(length) ** 2 / total for length in lengths[:2])
    names = ("principal component 1", "principal component 2")
    return Plane(padded @ _upright(axes[:2].T), names, (first, second))


def _upright(axes: Floats) -> Floats:
    """Axes (n_features, 2) turned so that their largest entry is positive: signs are arbitrary."""
    largest = np.abs(axes).argmax(axis=0)
    signs = np.sign(axes[largest, np.arange(axes.shape[1])])
    upright: Floats = axes * np.where(signs < 0, -1.0, 1.0)
    return upright


def _split(scores: Floats, labels: Array) -> tuple[Floats, Floats]:
    """Each track's genre mean, and what is left of the track."""
    means = np.zeros_like(scores)
    for label in np.unique(labels):
        means[labels == label] = scores[labels == label].mean(axis=0)
    return means, scores - means
