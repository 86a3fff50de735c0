from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.audio.level import level_dbfs
from detune.audio.reading import read_audio
from detune.explore.bandwidth import bandwidth_hz
from detune.explore.exploration import (
    OUTLIER_COLUMNS,
    Measured,
    find_outliers,
    measure_tracks,
    separate_tracks,
    summarise,
)
from detune.explore.features import FEATURE_COLUMNS, FEATURES, track_features


def measured(name: str, genre: str, **features: float) -> Measured:
    """A track whose features are zero but for those given."""
    return Measured(name, genre, dict.fromkeys(FEATURES, 0.0) | features, 30.0, -12.0, 10_000.0)


def anova_f(groups: list[list[float]]) -> float:
    """Variance between groups over variance within them, each by its degrees of freedom."""
    values = np.concatenate(groups)
    between = sum(len(group) * (np.mean(group) - values.mean()) ** 2 for group in groups)
    within = sum(((np.asarray(group) - np.mean(group)) ** 2).sum() for group in groups)
    return float(between / (len(groups) - 1) / (within / (len(values) - len(groups))))


def test_separation_is_the_anova_f_of_each_feature_the_largest_first() -> None:
    blues, rock, jazz = [1.0, 1.2, 0.9], [3.0, 3.3, 2.9], [1.1, 1.4, 1.0]
    noise = iter([0.3, 0.1, 0.4, 0.2, 0.5, 0.1, 0.6, 0.0, 0.2])
    tracks = [
        measured(f"{genre}.{n}", genre, rms_mean=next(noise), tempo=value)
        for genre, values in (("blues", blues), ("rock", rock), ("jazz", jazz))
        for n, value in enumerate(values)
    ]
    separation = separate_tracks(tracks)
    found = {FEATURES[place]: separation.strengths[place] for place in separation.ranking}
    assert set(found) == set(FEATURES)
    assert [separation.genres[label] for label in separation.labels[::3]] == [
        *("blues", "rock", "jazz")
    ]
    assert next(iter(found)) == "tempo"
    assert found["tempo"] == pytest.approx(anova_f([blues, rock, jazz]))
    assert found["rms_mean"] == pytest.approx(
        anova_f([[0.3, 0.1, 0.4], [0.2, 0.5, 0.1], [0.6, 0.0, 0.2]])
    )
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert found["mfcc1_mean"] == 0


def test_the_summary_counts_and_names_the_extremes() -> None:
    tracks = [
        Measured(track.track, track.genre, track.features, seconds, level, 11_000.0)
        for track, seconds, level in [
            (measured("blues.0", "blues", tempo=100.0), 30.0, -20.0),
            (measured("blues.1", "blues", tempo=101.0), 60.0, -10.0),
            (measured("rock.0", "rock", tempo=140.0), 20.0, -11.0),
            (measured("rock.1", "rock", tempo=141.0), 70.0, -5.0),
        ]
    ]
    summary = summarise(tracks, find_outliers(tracks), separate_tracks(tracks))
    assert summary["most_separating_anova_f"] == pytest.approx(
        anova_f([[100.0, 101.0], [140.0, 141.0]])
    )
    del summary["most_separating_anova_f"]
    assert summary == {
        "tracks": 4,
        "minutes": 3.0,
        "shortest_seconds": 20.0,
        "longest_seconds": 70.0,
        "lowest_level_dbfs": -20.0,
        "median_level_dbfs": -10.5,
        "highest_level_dbfs": -5.0,
        "lowest_bandwidth_hz": 11_000.0,
        "median_bandwidth_hz": 11_000.0,
        "level_outliers": 0,
        "bandwidth_outliers": 0,
        "most_separating_feature": "tempo",
    }


def test_outliers_are_far_from_most_in_level_or_bandwidth() -> None:
    tracks = [
        replace(measured(f"pop.{number}", "pop"), level=-14.0 + 0.3 * number) for number in range(9)
    ]
    tracks[3] = replace(tracks[3], level=-40.0)
    tracks[5] = replace(tracks[5], bandwidth=4000.0)
    tracks[6] = replace(tracks[6], bandwidth=9500.0)
    found = find_outliers(tracks)
    assert [(entry.track, entry.measure, entry.value) for entry in found] == [
        ("pop.3", "level", -40.0),
        ("pop.5", "bandwidth", 4000.0),
    ]
    assert all(entry.robust_z < -3.5 for entry in found)
    assert list(vars(found[0])) == list(OUTLIER_COLUMNS)


def test_tracks_are_measured_in_order_with_every_column(tone: Any, tmp_path: Path) -> None:
    rows = [{"track": "rock.1", "genre": "rock"}, {"track": "blues.0", "genre": "blues"}]
    for number, row in enumerate(rows):
        (tmp_path / row["genre"]).mkdir()
        path = tmp_path / row["genre"] / f"{row['track']}.flac"
        soundfile.write(path, tone(3.0 + number, 300.0 + 200 * number), SAMPLE_RATE)
    found = measure_tracks(rows, tmp_path)
    assert [(item.track, item.genre, item.seconds) for item in found] == [
        ("rock.1", "rock", 3.0),
        ("blues.0", "blues", 4.0),
    ]
    for item in found:
        audio = read_audio(tmp_path / item.genre / f"{item.track}.flac")
        assert set(item.features) == set(FEATURE_COLUMNS)
        assert item.features["filename"] == f"{item.track}.flac"
        assert item.features["length"] == audio.size
        assert item.features["label"] == item.genre
        assert item.level == level_dbfs(audio)
        assert item.bandwidth == bandwidth_hz(audio)
        for name, value in track_features(audio).items():
            assert item.features[name] == pytest.approx(value, rel=1e-4, abs=1e-6)
