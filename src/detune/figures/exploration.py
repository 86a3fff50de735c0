"""What the tracks are like: how many, how long, how loud, how they look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from detune.audio.constants import HOP, SAMPLE_RATE
from detune.audio.mel import mel_decibels
from detune.audio.reading import read_audio
from detune.collection.tracks import track_path
from detune.explore.exploration import Measured, Outlier
from detune.figures.collection import draw_outliers
from detune.figures.style import (
    FAINT,
    INK,
    Array,
    GenreStyle,
    add_bar,
    draw_spectrogram,
    genre_style,
    genre_styles,
    sheet,
)

GOLDEN = 0.6180339887498949
WAVE_COLUMNS = 1500
FLOOR = 80.0


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


def draw_exploration(
    tracks: Sequence[Measured], outliers: Sequence[Outlier], audio: Path, folder: Path, example: int
) -> int:
    """Draw all pictures of the tracks into `folder`.

    Args:
        tracks: what was measured.
        outliers: those of them that are far from the others, the furthest first.
        audio: the folder of the tracks' audio.
        folder: where the pictures go.
        example: which track of each genre is drawn; the last one where there are fewer.

    Returns:
        How many pictures were drawn.

    Raises:
        OSError: a file cannot be written.
    """
    by_genre: dict[str, list[Measured]] = defaultdict(list)
    for track in sorted(tracks, key=lambda track: (track.genre, track.track)):
        by_genre[track.genre].append(track)
    draw_counts(
        {genre: len(group) for genre, group in by_genre.items()},
        {genre: [track.seconds for track in group] for genre, group in by_genre.items()},
        {genre: [track.level for track in group] for genre, group in by_genre.items()},
        folder / "counts.png",
    )
    for genre, group in by_genre.items():
        chosen = group[min(example, len(group) - 1)].track
        samples = read_audio(track_path(audio, genre, chosen))
        decibels, path = mel_decibels(samples), folder / f"{genre}.png"
        draw_genre_example(genre, chosen, samples, decibels, path, sample_rate=SAMPLE_RATE)
    places = {track.track: (track.bandwidth, track.level) for track in tracks}
    draw_outliers(
        {g: [(t.bandwidth, t.level) for t in group] for g, group in by_genre.items()},
        {outlier.track: places[outlier.track] for outlier in outliers},
        folder / "outliers.png",
    )
    return len(by_genre) + 2
