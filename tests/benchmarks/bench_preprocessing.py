"""Speed of preprocessing, beside librosa's calls as a study makes them, track after track."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from detune.audio.constants import SAMPLE_RATE, SEGMENT_SAMPLES
from detune.audio.segments import cut_segments, segment_starts
from detune.collection.split_table import SPLITS, SplitRow
from detune.collection.tracks import track_path
from detune.ingest.tracks import store_audio
from detune.preprocess.preprocessing import write_dataset

TRACKS = 1_000
"""As many as GTZAN has."""

DIFFERENT = 50
"""Different tracks; the others are further names of these."""


def music(seed: int) -> np.ndarray:
    """30 s of decaying notes over some noise, as dear to decode as a record."""
    rng = np.random.default_rng(seed)
    times = np.arange(10 * SEGMENT_SAMPLES) / SAMPLE_RATE
    beat = times % 0.5
    pitches = 110 * 2 ** (rng.integers(0, 36, 60) / 12)
    tone = np.sin(2 * np.pi * pitches[(times // 0.5).astype(int)] * times) * np.exp(-5 * beat)
    return (0.5 * tone + 0.02 * rng.normal(size=times.size)).astype(np.float32)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[SplitRow], Path]:
    """The split of each track, and the folder of their audio."""
    folder = tmp_path_factory.mktemp("tracks")
    names = [f"any.{number:05}" for number in range(TRACKS)]
    rows = [
        SplitRow(name, "any", SPLITS[number % len(SPLITS)], name)
        for number, name in enumerate(names)
    ]
    (folder / "any").mkdir()
    for number, row in enumerate(rows):
        path = track_path(folder, row.genre, row.track)
        if number < DIFFERENT:
            store_audio(path, music(number))
        else:
            first = rows[number % DIFFERENT]
            os.link(track_path(folder, first.genre, first.track), path)
    return rows, folder


def by_librosa(audio: np.ndarray) -> np.ndarray:
    """The segments of a track `(n, 128, 130)` as the study cuts them."""
    segments = []
    for at in segment_starts(audio.size, 10):
        part = audio[at : at + SEGMENT_SAMPLES]
        power = librosa.feature.melspectrogram(
            y=part, sr=SAMPLE_RATE, n_fft=2048, hop_length=512, n_mels=128
        )
        decibels = librosa.power_to_db(power, ref=np.max)
        segments.append((decibels - decibels.min()) / (decibels.max() - decibels.min()))
    return np.stack(segments)


def librosa_dataset(rows: list[SplitRow], audio: Path, folder: Path) -> None:
    """Every track after the other, and one array in the end."""
    paths = (track_path(audio, row.genre, row.track) for row in rows)
    tracks = [by_librosa(librosa.load(path, sr=SAMPLE_RATE)[0]) for path in paths]
    np.save(folder / "train.npy", np.concatenate(tracks))


def processor_seconds() -> float:
    """What this process and those that have ended below it have used."""
    return sum(os.times()[:4])


def compare(benchmark: Any, collection: Any, folder: Path, kind: str) -> None:
    rows, audio = collection
    # More threads make librosa's calls no faster here, and cost processor time.
    with threadpool_limits(1):
        if kind == "librosa":
            benchmark.pedantic(librosa_dataset, (rows, audio, folder), rounds=1)
        else:
            arguments = rows, audio, 10, folder
            benchmark.pedantic(write_dataset, arguments, rounds=3)


@pytest.mark.benchmark(group=f"preprocessing of {TRACKS} tracks of 30 s")
@pytest.mark.parametrize("kind", ["detune", "librosa"])
def test_dataset(benchmark: Any, collection: Any, tmp_path: Path, kind: str) -> None:
    compare(benchmark, collection, tmp_path, kind)


@pytest.mark.benchmark(group="the same, processor time of all cores", timer=processor_seconds)
@pytest.mark.parametrize("kind", ["detune", "librosa"])
def test_processor_time(benchmark: Any, collection: Any, tmp_path: Path, kind: str) -> None:
    compare(benchmark, collection, tmp_path, kind)


@pytest.mark.benchmark(group="ten segments of a track of 30 s, one process")
@pytest.mark.parametrize("kind", ["detune", "librosa"])
def test_segments(benchmark: Any, kind: str) -> None:
    call, rest = (cut_segments, (10,)) if kind == "detune" else (by_librosa, ())
    with threadpool_limits(1):
        benchmark.pedantic(call, (music(0), *rest), rounds=5, warmup_rounds=1)
