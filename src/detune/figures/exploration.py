"""What the tracks are like: how many, how long, how loud, how they look, what separates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from detune.audio.format import HOP
from detune.explore.separation import Plane, best_plane, f_statistics, standardise
from detune.figures.style import (
    DIVERGING,
    FAINT,
    INK,
    Array,
    GenreStyle,
    add_bar,
    draw_spectrogram,
    genre_style,
    genre_styles,
    halo,
    sheet,
)

GOLDEN = 0.6180339887498949
WAVE_COLUMNS = 1500
FLOOR = 80.0
TOP_FEATURES = 15
# Size of a genre's name in the plane, as shares of the axes.
NAME_SIZE = (0.14, 0.035)
ROUNDS = 200


def draw_counts(
    counts: Mapping[str, int],
    durations: Mapping[str, Sequence[float]],
    levels: Mapping[str, Sequence[float]],
    path: Path,
) -> None:
    """Draw how many tracks each genre has, how long and how loud they are.

    Args:
        counts: tracks by genre; its order is that of the picture, from the top.
        durations: seconds of each track, by genre.
        levels: RMS level of each track in dBFS, by genre. Genres may be missing from either.
        path: the PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    styles = genre_styles(list(counts))
    with sheet(path, 10.0, max(3.0, 1.1 + 0.33 * len(counts))) as figure:
        tracks, seconds, loudness = figure.subplots(1, 3, sharey=True)
        bars = tracks.barh(
            range(len(counts)),
            list(counts.values()),
            color=[style.color for style in styles.values()],
        )
        tracks.bar_label(bars, padding=3)
        tracks.set_yticks(range(len(counts)), list(counts))
        tracks.set(
            xlabel=f"tracks ({sum(counts.values()):,} in all)", ylim=(len(counts) - 0.4, -0.6)
        )
        tracks.margins(x=0.12)
        tracks.xaxis.set_major_locator(MaxNLocator(integer=True))
        _draw_spreads(seconds, durations, styles)
        seconds.set_xlabel("duration (s)")
        seconds.set_xlim(0, 1.08 * max((max(d) for d in durations.values() if len(d)), default=1))
        _draw_spreads(loudness, levels, styles)
        loudness.set_xlabel("RMS level (dBFS)")
        for ax in (tracks, seconds, loudness):
            ax.tick_params(axis="y", length=0)
            ax.spines["left"].set_visible(False)


def _draw_spreads(
    ax: Axes, values: Mapping[str, Sequence[float]], styles: Mapping[str, GenreStyle]
) -> None:
    """A row a genre: every track a dot, with a box for the quartiles and a line at the median."""
    for row, (genre, style) in enumerate(styles.items()):
        points = np.asarray(values.get(genre, ()), dtype=np.float64)
        if not points.size:
            continue
        # Multiples of the golden ratio spread evenly, without a random number.
        jitter = (np.arange(len(points)) * GOLDEN % 1.0 - 0.5) * 0.5
        ax.scatter(points, row + jitter, s=9, color=style.color, alpha=0.55, linewidths=0)
        box = ax.boxplot(
            points,
            positions=[row],
            orientation="horizontal",
            widths=0.66,
            showfliers=False,
            manage_ticks=False,
        )
        for line in (part for parts in box.values() for part in parts):
            line.set(color=INK, linewidth=0.9)
        box["medians"][0].set_linewidth(2.0)
    ax.grid(axis="x", color=FAINT, alpha=0.3, linewidth=0.6)


def draw_genre_example(
    genre: str, track: str, audio: Array, decibels: Array, path: Path, *, sample_rate: int
) -> None:
    """Draw a track as a waveform above its mel spectrogram.

    Args:
        genre: the track's genre.
        track: its name.
        audio: (n,) samples in [-1, 1].
        decibels: (128, frames) mel spectrogram in dB, a frame each 512 samples; levels more than
            80 dB below its maximum are drawn as one.
        path: the PNG file.
        sample_rate: in Hz.

    Raises:
        ValueError: there are no samples or no frames.
        OSError: the file cannot be written.
    """
    if not audio.size or not decibels.size:
        raise ValueError(f"{track} has {audio.size} samples and a spectrogram {decibels.shape}")
    peak = float(decibels.max())
    floor = max(float(decibels.min()), peak - FLOOR)
    with sheet(path, 10.0, 5.0) as figure:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
        image = draw_spectrogram(
            below, decibels, limits=(min(floor, peak - 1.0), peak), sample_rate=sample_rate
        )
        _draw_wave(above, audio, sample_rate, genre_style(genre, 0).color)
        below.set_xlim(0, max(len(audio), (decibels.shape[1] - 1) * HOP) / sample_rate)
        add_bar(image, below, "level (dB)")
        figure.suptitle(f"{genre}: {track}")


def _draw_wave(ax: Axes, audio: Array, sample_rate: int, color: str) -> None:
    """The lowest and the highest sample of each column of the picture."""
    columns = min(len(audio), WAVE_COLUMNS)
    starts = np.arange(columns) * len(audio) // columns
    low, high = np.minimum.reduceat(audio, starts), np.maximum.reduceat(audio, starts)
    ax.fill_between(starts / sample_rate, low, high, color=color, linewidth=0.4)
    reach = 1.05 * max(float(np.abs(audio).max()), 1e-3)
    ax.set(ylabel="amplitude", ylim=(-reach, reach))
    ax.tick_params(labelbottom=False)


def draw_separation(
    features: Array, names: Sequence[str], labels: Array, genres: Sequence[str], path: Path
) -> None:
    """Draw what separates the genres: the tracks in their best plane, and the telling features.

    Left, the tracks in the plane of the first two linear discriminants. Right, the features with
    the highest ANOVA F, and how far each genre lies above or below the mean of all tracks.

    Args:
        features: (n_tracks, n_features), finite.
        names: of the features.
        labels: (n_tracks,) indices into `genres`.
        genres: names of the genres; a genre may have no tracks.
        path: the PNG file.

    Raises:
        ValueError: the shapes disagree, there are no tracks, or a feature is not finite.
        OSError: the file cannot be written.
    """
    if features.shape != (len(labels), len(names)) or not features.size:
        raise ValueError(f"features {features.shape}, {len(labels)} labels and {len(names)} names")
    if not np.isfinite(features).all():
        raise ValueError("a feature is not finite")
    scores = standardise(features)
    with sheet(path, 12.0, 5.6) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        _draw_plane(left, best_plane(scores, labels), labels, genres)
        _draw_features(right, scores, names, labels, genres)


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


def _draw_features(
    ax: Axes,
    scores: npt.NDArray[np.float64],
    names: Sequence[str],
    labels: Array,
    genres: Sequence[str],
) -> None:
    """Genre means of the features with the highest F, in standard deviations."""
    ratios = f_statistics(scores, labels)
    top = np.argsort(-ratios, kind="stable")[:TOP_FEATURES]
    means = np.full((len(top), len(genres)), np.nan)
    for label in np.unique(labels):
        means[:, label] = scores[labels == label][:, top].mean(axis=0)
    reach = max(1.0, float(np.nanmax(np.abs(means))))
    image = ax.imshow(means, cmap=DIVERGING, vmin=-reach, vmax=reach, origin="upper")
    ax.set_xticks(range(len(genres)), genres, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(top)), [names[feature] for feature in top])
    ax.tick_params(length=0)
    ax.set_frame_on(False)
    ax.set_title("features that separate best")
    for row, feature in enumerate(top):
        ax.text(len(genres) - 0.4, row, _tell(float(ratios[feature])), va="center", fontsize=8.0)
    ax.text(len(genres) - 0.4, -0.95, "F", va="center", fontsize=8.0)
    add_bar(image, ax, "mean of the genre (standard deviations)")


def _tell(ratio: float) -> str:
    return "∞" if np.isinf(ratio) else f"{ratio:.1f}"
