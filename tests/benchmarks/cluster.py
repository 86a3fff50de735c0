"""Preprocessing on a Dask cluster of one and two workers, and what an item costs there.

python -m tests.benchmarks.cluster
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.collection.splits import SplitRow
from detune.collection.tracks import track_path
from detune.preprocess.preprocessing import write_dataset
from detune.support.pool import SCHEDULER, parallel_map
from tests.dask_cluster import dask_cluster
from tests.music import music

TRACKS, DIFFERENT, SECONDS = 300, 10, 30.0
ITEMS = 1000
ROUNDS = 3


def same(item: int) -> int:
    """As little as an item can cost."""
    return item


def collection(folder: Path) -> list[SplitRow]:
    """Tracks, of which some are different, and their split."""
    names = [f"blues.{number:05}" for number in range(TRACKS)]
    splits = ["validation", "test", *["train"] * (TRACKS - 2)]
    rows = [SplitRow(*each) for each in zip(names, ["blues"] * TRACKS, splits, names, strict=True)]
    for number, row in enumerate(rows):
        path = track_path(folder, row.genre, row.track)
        path.parent.mkdir(exist_ok=True)
        if number < DIFFERENT:
            soundfile.write(path, music(number, SECONDS), SAMPLE_RATE)
        else:
            source = rows[number % DIFFERENT]
            os.link(track_path(folder, source.genre, source.track), path)
    return rows


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print the medians of rounds in which each takes its turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)
        for part in ("audio", "segments", "one", "two"):
            (folder / part).mkdir()
        rows = collection(folder / "audio")

        def preprocess() -> None:
            write_dataset(rows, folder / "audio", 10, folder / "segments")

        def nothing() -> None:
            list(parallel_map(same, range(ITEMS), label="nothing", unit="items"))

        with dask_cluster(folder / "one", 1) as one, dask_cluster(folder / "two", 2) as two:
            places = {"local": "", "1 worker": one.address, "2 workers": two.address}
            taken: dict[tuple[str, str], list[float]] = {}
            for _ in range(ROUNDS):
                for place, address in places.items():
                    os.environ[SCHEDULER] = address
                    for what, work in (("preprocess", preprocess), ("items", nothing)):
                        taken.setdefault((place, what), []).append(seconds(work))
    for place in places:
        tracks, items = (np.median(taken[place, what]) for what in ("preprocess", "items"))
        print(
            f"{place}: preprocess {tracks:.1f} s of {TRACKS} tracks, "
            f"{1000 * items / ITEMS:.1f} ms an empty item"
        )
    one_worker, two_workers = (taken[place, "preprocess"] for place in [*places][1:])
    ratios = np.divide(one_worker, two_workers)
    print(f"1 worker / 2 workers: {np.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})")


if __name__ == "__main__":
    main()
