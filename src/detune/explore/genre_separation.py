"""What separates the genres in a table of features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh
from sklearn.covariance import ledoit_wolf_shrinkage, shrunk_covariance
from sklearn.decomposition import PCA
from sklearn.feature_selection import f_classif
from sklearn.preprocessing import StandardScaler

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
    constant = values.std(axis=0) <= ROUNDING * np.abs(values).max(axis=0)
    scores: Floats = np.where(constant, 0.0, StandardScaler().fit_transform(values))
    return scores


def f_statistics(scores: Floats, labels: Array) -> Floats:
    """The ANOVA F of each feature: variance between the genres over that within them.

    Args:
        scores: (n_tracks, n_features), standardised.
        labels: (n_tracks,) indices of genres.

    Returns:
        (n_features,); 0 for a constant feature or where there are too few tracks, and
        infinite for a feature that never varies within a genre.
    """
    strengths = np.zeros(scores.shape[1])
    varied = scores.any(axis=0)
    if varied.any() and 1 < len(np.unique(labels)) < len(labels):
        with np.errstate(divide="ignore"):
            strengths[varied] = f_classif(scores[:, varied], labels)[0]
    # Without variance within the genres, rounding errors decide on size and sign.
    strengths[(strengths < 0) | (strengths > 1 / ROUNDING)] = np.inf
    return strengths


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
    means = np.zeros_like(varied)
    for label in np.unique(labels):
        means[labels == label] = varied[labels == label].mean(axis=0)
    residuals = varied - means
    flat = not residuals.size or float(np.abs(residuals).max()) < ROUNDING
    if len(np.unique(labels)) < 3 or varied.shape[1] < 2 or flat:
        return _principal_plane(varied)
    # Not LinearDiscriminantAnalysis: it shrinks the spread in all and that within genres by
    # different shares, and takes their difference for that between genres.
    shrinkage = max(LEAST_SHRINKAGE, float(ledoit_wolf_shrinkage(residuals, assume_centered=True)))
    within = shrunk_covariance(residuals.T @ residuals / len(residuals), shrinkage)
    # In ascending order of the variance between the genres.
    variances, axes = eigh(means.T @ means, within)
    second, first = (variances[-2:] / variances.sum()).tolist()
    axes = axes[:, [-1, -2]]
    points = varied @ axes * _signs(axes)
    return Plane(points, ("discriminant 1", "discriminant 2"), (first, second))


def _principal_plane(scores: Floats) -> Plane:
    """The first two principal components; missing ones are zero."""
    # Two columns and two rows of zeros, the mean of all scores, make two components certain.
    padded = np.pad(scores, ((0, 2), (0, 2)))
    pca = PCA(n_components=2, svd_solver="full")
    with np.errstate(invalid="ignore"):
        points = pca.fit_transform(padded)[:-2] * _signs(pca.components_.T)
    first, second = np.nan_to_num(pca.explained_variance_ratio_).tolist()
    return Plane(points, ("principal component 1", "principal component 2"), (first, second))


def _signs(axes: Floats) -> Floats:
    """What turns axes (n_features, 2) so that their largest entry is positive: 1 or -1 for each."""
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    signs: Floats = np.where(largest < 0, -1.0, 1.0)
    return signs
