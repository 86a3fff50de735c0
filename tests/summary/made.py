"""Results of a run of eight songs in two genres."""

from __future__ import annotations

from typing import Any

from detune.summary.results import Results


def song(number: int) -> dict[str, str]:
    """A row of `outcomes.csv`: all but the last are right when clean, the first under PGD too."""
    genre, other = ("blues", "jazz") if number % 2 else ("jazz", "blues")
    return {
        "unit": "song",
        "track": f"song{number}",
        "segment": "",
        "genre": genre,
        "clean": genre if number < 7 else other,
        "pgd-0.02": other if number else genre,
    }


def checks(*passed: bool) -> dict[str, Any]:
    """The content of a file of checks."""
    each = {f"check{number}": {"passed": one} for number, one in enumerate(passed)}
    return {"trustworthy": all(passed), "checks": each}


def interval(value: float, low: float, high: float) -> dict[str, float]:
    """An estimate as metrics hold it."""
    return {"value": value, "low": low, "high": high}


METRICS: dict[str, Any] = {
    "train": {
        "song_accuracy": 0.875,
        "song_accuracy_low": 0.625,
        "song_accuracy_high": 1.0,
        "segment_accuracy": 0.8,
        "song_accuracy_by_genre": {"blues": 1.0, "jazz": 0.75},
    },
    "gradcam": {
        "rank_correlation": {"pgd": {"original_class_below_noise": interval(0.3, 0.1, 0.5)}}
    },
    "ground_truth": {"confined_attack": {"beyond_loudest_place": interval(0.4, 0.2, 0.6)}},
    "listen": {"waveform": {"masked": interval(0.1, 0.0, 0.3)}},
    "corruptions": {
        "segments": 60,
        "clean_error": 0.1,
        "mean_corruption_error": 0.4,
        "error": {"white_noise": 0.5, "gain": 0.1},
    },
    "checks": checks(True, True),
    "waveform_checks": checks(True),
}

SONGS = [song(number) for number in range(8)]

RESULTS = Results(METRICS, SONGS, epsilon=0.02, pictured=0.1, seed=1)
