"""Pictures of the quality of a collection: tracks left out, duplicates, the split, outliers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.ticker import MaxNLocator

from detune.explore.overview import Overview
from detune.figures.style import FAINT, INK, GenreStyle, genre_styles, halo, sheet

# From light to dark, so that they stay apart in grey.
SPLIT_COLORS = ("#d3dbe3", "#7fa3c7", "#1d4468")
# No pair, pairs within a genre, pairs across two.
PAIR_COLORS = ("#f4f6f8", "#b9d0e6", "#eda1a9")
NAMED = 12


def draw_overview(overview: Overview, path: Path) -> None:
    """Draw what was left out and why, which genres share recordings, and the split by genre.

    Raises:
        OSError: the file cannot be written.
    """
    height = max(3.6, 1.4 + 0.3 * len(overview.genres))
    with sheet(path, 13.0, height) as figure:
        left, middle, right = figure.subplots(1, 3, width_ratios=(0.8, 1, 1.3))
        _draw_reasons(left, overview.reasons)
        _draw_pairs(middle, overview.genres, overview.pairs)
        _draw_splits(right, overview.genres, overview.splits)


def _draw_reasons(ax: Axes, reasons: Mapping[str, int]) -> None:
    """A bar a reason."""
    ax.set_title(f"left out: {sum(reasons.values()):,} tracks")
    if not reasons:
        _write_instead(ax, "nothing was quarantined")
        return
    bars = ax.barh(range(len(reasons)), list(reasons.values()), color=FAINT, height=0.6)
    ax.bar_label(bars, padding=3)
    ax.set_yticks(range(len(reasons)), list(reasons))
    ax.set(xlabel="tracks", ylim=(max(4, len(reasons)) - 0.4, -0.6))
    ax.margins(x=0.15)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _draw_pairs(ax: Axes, genres: Sequence[str], pairs: Sequence[tuple[str, str]]) -> None:
    """How many pairs of duplicates are within each genre, and across two."""
    across = sum(one != other for one, other in pairs)
    ax.set_title(f"duplicates: {len(pairs):,} pairs, {across:,} across genres (red)")
    if not pairs:
        _write_instead(ax, "no two tracks share a recording")
        return
    place = {genre: number for number, genre in enumerate(genres)}
    # Of the two halves, the lower: a pair has no first genre. Above it nothing is drawn.
    kinds = np.where(np.triu(np.ones((len(genres), len(genres))), 1) > 0, np.nan, 0.0)
    counts = Counter(tuple(sorted((place[one], place[other]))) for one, other in pairs)
    for (low, high), count in counts.items():
        kinds[high, low] = 1 if low == high else 2
        ax.text(low, high, f"{count:,}", ha="center", va="center")
    ax.imshow(kinds, cmap=ListedColormap(PAIR_COLORS), vmin=0, vmax=2, origin="upper")
    ax.set_xticks(range(len(genres)), genres, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(genres)), genres)
    ax.tick_params(length=0)
    ax.set_frame_on(False)


def _draw_splits(ax: Axes, genres: Sequence[str], splits: Mapping[str, Mapping[str, int]]) -> None:
    """Each genre's tracks as one bar, shared out to the splits."""
    names = list(next(iter(splits.values())))
    left = np.zeros(len(genres))
    for name, color in zip(names, SPLIT_COLORS, strict=True):
        counts = np.array([splits[genre][name] for genre in genres])
        bars = ax.barh(range(len(genres)), counts, left=left, color=color, height=0.75, label=name)
        texts = [f"{count:,}" if count else "" for count in counts]
        ax.bar_label(
            bars, texts, label_type="center", color="white" if color == SPLIT_COLORS[-1] else INK
        )
        left += counts
    totals = Counter({name: sum(splits[genre][name] for genre in genres) for name in names})
    ax.set_title(", ".join(f"{name} {count:,}" for name, count in totals.items()))
    ax.set_yticks(range(len(genres)), genres)
    ax.set(xlabel="tracks", ylim=(len(genres) - 0.4, -0.6))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=len(names), frameon=False)


def _write_instead(ax: Axes, text: str) -> None:
    """Text in place of a diagram of nothing."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", color=FAINT, transform=ax.transAxes)


def draw_outliers(
    points: Mapping[str, Sequence[tuple[float, float]]],
    outliers: Mapping[str, tuple[float, float]],
    path: Path,
) -> None:
    """Draw each track's bandwidth and level, and name the outliers.

    Args:
        points: bandwidth in Hz and level in dBFS of each track, by genre.
        outliers: the same of each outlier, by track, the furthest first; a dozen are named.
        path: the PNG file.

    Raises:
        OSError: the file cannot be written.
    """
    styles = genre_styles(list(points))
    with sheet(path, 10.0, 5.0) as figure:
        ax = figure.subplots()
        for genre, style in styles.items():
            _scatter(ax, points[genre], style, genre)
        ring = np.array(list(outliers.values())).reshape(-1, 2)
        ax.scatter(ring[:, 0], ring[:, 1], s=110, facecolors="none", edgecolors=INK, linewidths=0.9)
        for number, (track, place) in enumerate(list(outliers.items())[:NAMED]):
            ax.annotate(
                track,
                place,
                (8, 6 if number % 2 else -6),
                textcoords="offset points",
                va="bottom" if number % 2 else "top",
                fontsize=8.0,
                path_effects=halo(),
            )
        ax.set(xlabel="bandwidth (Hz)", ylabel="RMS level (dBFS)", title=_counted(points, outliers))
        ax.margins(0.08)
        ax.grid(color=FAINT, alpha=0.3, linewidth=0.6)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _scatter(
    ax: Axes, points: Sequence[tuple[float, float]], style: GenreStyle, genre: str
) -> None:
    """A mark a track."""
    own = np.array(points).reshape(-1, 2)
    marks = ax.scatter(own[:, 0], own[:, 1], s=26, color=style.color, marker=style.marker)
    marks.set(alpha=0.75, edgecolor="white", linewidth=0.3, label=genre)


def _counted(points: Mapping[str, Sequence[object]], outliers: Mapping[str, object]) -> str:
    return f"{sum(map(len, points.values())):,} tracks, {len(outliers):,} of them outliers (ringed)"
