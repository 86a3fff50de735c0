"""Results of a small run, with names that HTML must not take for its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from detune.report.results import Results
from detune.support.files import write_csv

HOSTILE = "<script>alert(1)</script> ${x} \"'"
GENRES = ("blues", HOSTILE)


def check(passed: bool) -> dict[str, Any]:
    """A check as `metrics/checks.json` holds it."""
    return {"passed": passed, "figure": 0.5, "bound": 1.0}


def point(method: str, epsilon: float, value: float, song: float | None) -> dict[str, Any]:
    """A point of the curves of robustness."""
    ends = {"": 0.0, "_low": -0.1, "_high": 0.1}
    known = {f"robust_accuracy{end}": value + step for end, step in ends.items()}
    songs = {f"song_robust_accuracy{end}": song for end in ends}
    return {"method": method, "epsilon": epsilon} | known | songs


def finding() -> dict[str, Any]:
    """Two sentences, one of them shown."""
    kept = {"claim": "c", "value": 0.1, "low": 0.0, "high": 0.2}
    texts = {"The first claim.": True, "The second claim.": False}
    return {"sentences": [kept | {"text": said, "shown": ok} for said, ok in texts.items()]}


METRICS: dict[str, Any] = {
    "checks": {"trustworthy": True, "checks": {"within_epsilon": check(True)}},
    "waveform_checks": {"trustworthy": False, "checks": {"loss_rises": check(False)}},
    "corruptions": {"segments": 20, "mean_corruption_error": 0.4, "clean_error": 0.125},
    "finding": finding(),
    "headline": {"robust_song_accuracy_epsilon": 0.02},
    "gradcam": {"rank_correlation": {}},
    "ingest": {
        **{"tracks": 9, "genres": 2, "quarantined": 1, "noted": 0, "duplicate_tracks": 0},
        **{"duplicate_groups": 0, "reasons": {HOSTILE: 1}},
    },
    "listen": {
        "curve": [
            {"method": "attack", "snr_db": snr, "correct": 0.5, "correct_low": 0, "correct_high": 1}
            for snr in (40.0, 20.0)
        ]
    },
    "preprocess": {"tracks": {"train": 7, "test": 2}, "segments": {"train": 70, "test": 20}},
    "robustness": {
        "processor": "some",
        "precision": "float32",
        "curve": [
            *(point("fgsm", 0.01, 0.6, 0.5), point("fgsm", 0.02, 0.4, 0.5)),
            *(point("worst", 0.01, 0.5, None), point("worst", 0.02, 0.3, None)),
        ],
    },
    "train": {"song_accuracy_by_genre": dict.fromkeys(GENRES, 0.5)},
}

CELLS = [
    {
        **{"method": "fgsm", "epsilon": epsilon, "epsilon_db_median": "0.8", "segments": "20"},
        **{"robust_accuracy": "0.6", "song_robust_accuracy": "0.5"},
        **{"attack_success_rate": "0.4", "l2_mean": "1.25"},
    }
    for epsilon in ("0.01", "0.02")
]

BY_GENRE = [
    {"method": "fgsm", "epsilon": epsilon, "genre": genre, "robust_accuracy": value}
    for epsilon, value in (("0.01", "0.7"), ("0.02", "0.25"))
    for genre in GENRES
]

SONGS = [
    {"actual": "blues", "predicted": "blues"},
    {"actual": HOSTILE, "predicted": "blues"},
]

CORRUPTIONS = [
    {
        **{"kind": "white_noise", "severity": severity, "unit": "dB SNR", "song_accuracy": "0.5"},
        **{f"segment_accuracy{end}": "0.375" for end in ("", "_low", "_high")},
    }
    for severity in ("40", "0")
]

RESULTS = Results(METRICS, CELLS, BY_GENRE, SONGS, CORRUPTIONS, {"gradcam": {"epsilon": 0.1}})


def write(folder: Path) -> None:
    """Write the same as the stages do."""
    for name in ("metrics", "plots"):
        (folder / name).mkdir()
    for name, content in METRICS.items():
        (folder / f"metrics/{name}.json").write_text(json.dumps(content), encoding="utf-8")
    tables = {"cells": CELLS, "robustness_by_genre": BY_GENRE, "confusion": SONGS}
    tables |= {"corruptions": CORRUPTIONS}
    for name, rows in tables.items():
        write_csv(folder / f"plots/{name}.csv", tuple(rows[0]), rows)
    (folder / "params.yaml").write_text("gradcam: {epsilon: 0.1}\n", encoding="utf-8")
