"""Measure the tracks: durations, levels, features, outliers, and what separates the genres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from detune.audio.constants import SAMPLE_RATE
from detune.audio.level import level_dbfs
from detune.audio.reading import read_audio
from detune.collection.tracks import track_path
from detune.explore.bandwidth import bandwidth_hz
from detune.explore.features import FEATURES, track_features
from detune.explore.genre_separation import Separation, separate
from detune.explore.outliers import OUTLIER_SCORE, robust_scores
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
    """A track that is far from most others in one measure, and its robust z-score."""

    track: str
    genre: str
    measure: str
    value: float
    robust_z: float


OUTLIER_COLUMNS = ("track", "genre", "measure", "value", "robust_z")

MIN_SPREADS = {"level": 1.0, "bandwidth": 500.0}
"""Smallest spread, in dB and Hz, with which outliers are measured."""


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
    outliers = []
    for measure, min_spread in MIN_SPREADS.items():
        values = [getattr(track, measure) for track in tracks]
        for track, value, score in zip(
            tracks, values, robust_scores(values, min_spread), strict=True
        ):
            if abs(score) > OUTLIER_SCORE:
                outliers.append(Outlier(track.track, track.genre, measure, value, float(score)))
    return sorted(outliers, key=lambda outlier: -abs(outlier.robust_z))


def separate_tracks(tracks: Sequence[Measured]) -> Separation:
    """What separates the genres of the tracks."""
    genres = sorted({track.genre for track in tracks})
    labels = np.asarray([genres.index(track.genre) for track in tracks])
    values = np.asarray([[track.features[name] for name in FEATURES] for track in tracks])
    return separate(values, FEATURES, labels, genres)


def summarise(
    tracks: Sequence[Measured], outliers: Sequence[Outlier], separation: Separation
) -> dict[str, Any]:
    """The figures of `metrics/explore.json`."""
    levels, seconds = [t.level for t in tracks], [t.seconds for t in tracks]
    bandwidths, best = [t.bandwidth for t in tracks], separation.ranking[0]
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
            for measure in MIN_SPREADS
        },
        "most_separating_feature": separation.features[best],
        "most_separating_anova_f": float(separation.strengths[best]),
    }
