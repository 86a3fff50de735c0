"""What the collection is like: counts, durations, levels, and what separates the genres."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from detune.audio.format import SAMPLE_RATE
from detune.audio.level import level_dbfs
from detune.audio.mel import mel_decibels
from detune.audio.reading import read_audio
from detune.collection.tracks import track_path
from detune.explore.bandwidth import bandwidth_hz
from detune.explore.features import FEATURES, track_features
from detune.explore.outliers import FAR, robust_scores
from detune.explore.separation import f_statistics, standardise
from detune.figures.collection import draw_outliers
from detune.figures.exploration import draw_counts, draw_genre_example, draw_separation
from detune.support.pool import parallel_map


@dataclass(frozen=True)
class Measured:
    """One track's row of the feature table, its duration in s, level in dBFS, bandwidth in Hz."""

    track: str
    genre: str
    features: dict[str, Any]
    seconds: float
    level: float
    bandwidth: float


@dataclass(frozen=True)
class Outlier:
    """A track that lies far from most others in one measure, and its robust z-score."""

    track: str
    genre: str
    measure: str
    value: float
    robust_z: float


OUTLIER_COLUMNS = ("track", "genre", "measure", "value", "robust_z")

LEAST_SPREADS = {"level": 1.0, "bandwidth": 500.0}
"""Smallest spread, dB and Hz, by which a track is called far from the others."""


def measure_tracks(rows: Sequence[Mapping[str, str]], audio: Path) -> list[Measured]:
    """Measure the tracks of `tracks.csv`, whose audio is in the folder `audio`, on all cores."""
    return list(parallel_map(partial(_measure, audio), rows, label="explore", unit="tracks"))


def _measure(folder: Path, row: Mapping[str, str]) -> Measured:
    path = track_path(folder, row["genre"], row["track"])
    audio = read_audio(path)
    features = {"filename": path.name, "length": audio.size, "label": row["genre"]}
    return Measured(
        track=row["track"],
        genre=row["genre"],
        features=features | track_features(audio),
        seconds=audio.size / SAMPLE_RATE,
        level=level_dbfs(audio),
        bandwidth=bandwidth_hz(audio),
    )


def find_outliers(tracks: Sequence[Measured]) -> list[Outlier]:
    """Tracks whose level or bandwidth is far from the median of all, the furthest first."""
    found = []
    for measure, least in LEAST_SPREADS.items():
        values = [getattr(track, measure) for track in tracks]
        for track, value, score in zip(tracks, values, robust_scores(values, least), strict=True):
            if abs(score) > FAR:
                found.append(Outlier(track.track, track.genre, measure, value, float(score)))
    return sorted(found, key=lambda outlier: -abs(outlier.robust_z))


def separation(tracks: Sequence[Measured]) -> dict[str, float]:
    """ANOVA F of every feature between the genres, the largest first."""
    labels = np.unique([track.genre for track in tracks], return_inverse=True)[1]
    strengths = f_statistics(standardise(_table(tracks)), labels)
    order = np.argsort(-strengths, kind="stable")
    return {FEATURES[place]: float(strengths[place]) for place in order}


def _table(tracks: Sequence[Measured]) -> np.ndarray:
    """The features of n tracks, `(n, 57)`."""
    return np.asarray([[track.features[name] for name in FEATURES] for track in tracks])


def summarise(tracks: Sequence[Measured]) -> dict[str, Any]:
    """The figures of `metrics/explore.json`."""
    levels, seconds = [t.level for t in tracks], [t.seconds for t in tracks]
    bandwidths, outliers = [t.bandwidth for t in tracks], find_outliers(tracks)
    feature, strength = next(iter(separation(tracks).items()))
    return {
        "tracks": len(tracks),
        "minutes": sum(seconds) / 60,
        "shortest_seconds": min(seconds),
        "longest_seconds": max(seconds),
        "lowest_level_dbfs": min(levels),
        "median_level_dbfs": float(np.median(levels)),
        "highest_level_dbfs": max(levels),
        "lowest_bandwidth_hz": min(bandwidths),
        "median_bandwidth_hz": float(np.median(bandwidths)),
        **{
            f"{measure}_outliers": sum(outlier.measure == measure for outlier in outliers)
            for measure in LEAST_SPREADS
        },
        "most_separating_feature": feature,
        "most_separating_anova_f": strength,
    }


def draw_exploration(tracks: Sequence[Measured], audio: Path, folder: Path, example: int) -> int:
    """Draw all pictures of the collection into `folder`.

    Args:
        tracks: what was measured.
        audio: the folder of the tracks' audio.
        folder: where the pictures go.
        example: which track of each genre is drawn; the last one where there are fewer.

    Returns:
        How many pictures were drawn.
    """
    by_genre: dict[str, list[Measured]] = defaultdict(list)
    for track in sorted(tracks, key=lambda track: (track.genre, track.track)):
        by_genre[track.genre].append(track)
    genres = list(by_genre)
    draw_counts(
        {genre: len(group) for genre, group in by_genre.items()},
        {genre: [track.seconds for track in group] for genre, group in by_genre.items()},
        {genre: [track.level for track in group] for genre, group in by_genre.items()},
        folder / "counts.png",
    )
    for genre, group in by_genre.items():
        chosen = group[min(example, len(group) - 1)]
        samples = read_audio(audio / genre / f"{chosen.track}.flac")
        draw_genre_example(
            genre,
            chosen.track,
            samples,
            mel_decibels(samples),
            folder / f"{genre}.png",
            sample_rate=SAMPLE_RATE,
        )
    draw_separation(
        _table(tracks),
        FEATURES,
        np.asarray([genres.index(track.genre) for track in tracks]),
        genres,
        folder / "separation.png",
    )
    draw_outliers(
        {genre: [(track.bandwidth, track.level) for track in by_genre[genre]] for genre in genres},
        _places(tracks),
        folder / "outliers.png",
    )
    return len(genres) + 3


def _places(tracks: Sequence[Measured]) -> dict[str, tuple[float, float]]:
    """Bandwidth and level of the outliers, the furthest first."""
    places = {track.track: (track.bandwidth, track.level) for track in tracks}
    return {outlier.track: places[outlier.track] for outlier in find_outliers(tracks)}
