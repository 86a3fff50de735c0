"""What separates the genres: the tracks in their best plane, and the features that differ most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from detune.explore.genre_separation import Plane, Separation
from detune.figures.style import DIVERGING, INK, Array, add_bar, genre_styles, halo, sheet

TOP_FEATURES = 15
# Size of a genre's name in the plane, as shares of the axes.
NAME_SIZE = (0.14, 0.035)
ROUNDS = 200


def draw_separation(separation: Separation, path: Path) -> None:
    """Draw what separates the genres.

    Left, the tracks in the plane of the first two linear discriminants. Right, the features with
    the highest ANOVA F, and how far each genre lies above or below the mean of all tracks.

    Raises:
        OSError: the file cannot be written.
    """
    with sheet(path, 12.0, 5.6) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        _draw_plane(left, separation.plane, separation.labels, separation.genres)
        _draw_features(right, separation)


def _draw_plane(ax: Axes, plane: Plane, labels: Array, genres: Sequence[str]) -> None:
    """A mark a track, and each genre's name at its centre."""
    centres = {}
    for label, (genre, style) in enumerate(genre_styles(genres).items()):
        own = plane.points[labels == label]
        if not len(own):
            continue
        marks = ax.scatter(own[:, 0], own[:, 1], s=26, color=style.color, marker=style.marker)
        marks.set(alpha=0.75, edgecolor="white", linewidth=0.3)
        centres[genre] = own.mean(axis=0)
    ax.margins(0.06)
    _name_centres(ax, centres)
    x, y = (f"{name} ({share:.0%})" for name, share in zip(plane.names, plane.shares, strict=True))
    ax.set(xlabel=x, ylabel=y, title=f"{len(labels):,} tracks")


def _name_centres(ax: Axes, centres: Mapping[str, npt.NDArray[np.float64]]) -> None:
    """Names with a white rim, moved apart where they would overlap."""
    to_axes = ax.transLimits
    places = to_axes.transform(np.array(list(centres.values())))
    for genre, target, place in zip(centres, places, spread(places, NAME_SIZE), strict=True):
        moved = float(np.abs(place - target).max()) > 0.02
        ax.annotate(
            genre,
            tuple(target),
            tuple(place),
            xycoords="axes fraction",
            textcoords="axes fraction",
            ha="center",
            va="center",
            fontweight="bold",
            path_effects=halo(3.0),
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.7} if moved else None,
        )


def spread(places: Array, size: tuple[float, float]) -> npt.NDArray[np.float64]:
    """Move the centres of boxes of equal `size` up and down until no two overlap.

    Args:
        places: (n, 2) centres.
        size: width and height.

    Returns:
        (n, 2) centres; those without a neighbour stay where they are.
    """
    result = np.array(places, dtype=np.float64)
    width, height = size
    for _ in range(ROUNDS):
        crowded = False
        for one in range(len(result)):
            for two in range(one):
                across, up = result[one] - result[two]
                if abs(across) < width and abs(up) < height:
                    crowded = True
                    push = (height - abs(up)) / 2 + 1e-6
                    result[one, 1] += push if up >= 0 else -push
                    result[two, 1] -= push if up >= 0 else -push
        if not crowded:
            break
    return result


def _draw_features(ax: Axes, separation: Separation) -> None:
    """Genre means of the features with the highest F, in standard deviations."""
    genres, labels, ratios = separation.genres, separation.labels, separation.strengths
    top = separation.ranking[:TOP_FEATURES]
    means = np.full((len(top), len(genres)), np.nan)
    for label in np.unique(labels):
        means[:, label] = separation.scores[labels == label][:, top].mean(axis=0)
    reach = max(1.0, float(np.nanmax(np.abs(means))))
    image = ax.imshow(means, cmap=DIVERGING, vmin=-reach, vmax=reach, origin="upper")
    ax.set_xticks(range(len(genres)), genres, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(top)), [separation.features[feature] for feature in top])
    ax.tick_params(length=0)
    ax.set_frame_on(False)
    ax.set_title("features that separate best")
    for row, feature in enumerate(top):
        ratio = _ratio_text(float(ratios[feature]))
        ax.text(len(genres) - 0.4, row, ratio, va="center", fontsize=8.0)
    ax.text(len(genres) - 0.4, -0.95, "F", va="center", fontsize=8.0)
    add_bar(image, ax, "mean of the genre (standard deviations)")


def _ratio_text(ratio: float) -> str:
    return "∞" if np.isinf(ratio) else f"{ratio:.1f}"
