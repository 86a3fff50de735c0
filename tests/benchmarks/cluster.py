"""Preprocessing and cells on a Dask cluster of one and two workers, and what an item costs there.

python -m tests.benchmarks.cluster --rounds 3

Beside the time it prints the processor time of the busiest worker: by that, other programs on the
machine change little.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile

from detune.audio.constants import SAMPLE_RATE, SHAPE
from detune.collection.dataset import IndexRow, Split
from detune.collection.split_table import SplitRow
from detune.collection.tracks import track_path
from detune.params.method_options import Pgd
from detune.preprocess.preprocessing import write_dataset
from detune.support.cell_batch import Compute
from detune.support.cell_spread import spread_cells
from detune.support.cell_store import Matrix
from detune.support.pool import SCHEDULER, parallel_map
from tests.dask_cluster import Cluster, dask_cluster
from tests.music import music

DIFFERENT, SECONDS = 10, 30.0
GENRES, SEGMENTS, EXAMPLES = 10, 20, 5
PGD = Pgd(6, 0.1, random_start=False, restarts=1, abort_early=0.0)
ITEMS = 300
END_SECONDS = 3.0
"""After a call, until its processes have ended."""


def same(item: int) -> int:
    """As little as an item can cost."""
    return item


def collection(folder: Path, tracks: int) -> list[SplitRow]:
    """Tracks, of which some are different, and their split."""
    names = [f"blues.{number:05}" for number in range(tracks)]
    splits = ["validation", "test", *["train"] * (tracks - 2)]
    rows = [SplitRow(*each) for each in zip(names, ["blues"] * tracks, splits, names, strict=True)]
    for number, row in enumerate(rows):
        path = track_path(folder, row.genre, row.track)
        path.parent.mkdir(exist_ok=True)
        if number < DIFFERENT:
            soundfile.write(path, music(number, SECONDS), SAMPLE_RATE)
        else:
            source = rows[number % DIFFERENT]
            os.link(track_path(folder, source.genre, source.track), path)
    return rows


def ready() -> Compute:
    """A network of the default size, and what attacks it with PGD: 120 gradients a cell."""
    from detune.attack.cell import run_cell  # noqa: PLC0415
    from detune.network.runtime import keras  # noqa: PLC0415
    from detune.train.network import build_model  # noqa: PLC0415

    keras.utils.set_random_seed(0)
    model = build_model(GENRES, spatial_dropout=0.0, dense_dropout=0.0)
    values = np.random.default_rng(0).uniform(0, 1, (SEGMENTS, *SHAPE)).astype(np.float32)
    names = [f"genre{label}" for label in range(GENRES)]
    index = [
        IndexRow("test", row, str(row), names[row % GENRES], row % GENRES, 0, 0.0, -80.0, 0.0)
        for row in range(SEGMENTS)
    ]
    attack = partial(run_cell, model, Split(values, index, names), method="pgd", options=PGD)

    def cell(number: str, _: Path) -> str:
        attack(epsilon=0.01 * (1 + int(number)), examples=EXAMPLES, seed=0)
        return number

    return cell


@dataclass
class Place:
    """Where work is done, and what it took: seconds, and processor seconds by worker."""

    name: str
    cluster: Cluster
    taken: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def measure(self, what: str, work: Callable[[], Any]) -> None:
        """Let the cluster do it."""
        os.environ[SCHEDULER] = self.cluster.address
        start, before = time.perf_counter(), self.busy()
        work()
        seconds = time.perf_counter() - start
        time.sleep(END_SECONDS)
        self.taken.setdefault(what, []).append((seconds, float(max(self.busy() - before))))

    def busy(self) -> np.ndarray:
        """Processor seconds of each worker, and of all that it started."""
        return np.asarray(
            [
                sum(sum(each.cpu_times()[:4]) for each in (root, *root.children(recursive=True)))
                for root in map(psutil.Process, (one.pid for one in self.cluster.workers))
            ]
        )

    def told(self, what: str) -> str:
        """The medians of what it took."""
        seconds, processor = np.median(self.taken[what], axis=0)
        return f"{self.name}: {what} {seconds:.1f} s, busiest worker {processor:.1f} s"


def spread(numbers: int) -> None:
    """Compute cells, none of them kept from before."""
    first, *others = [(str(number),) for number in range(numbers)]
    spread_cells("attack", first, Matrix(tuple(others), frozenset()), ready)
    shutil.rmtree("data/.cells")


def main(rounds: int, tracks: int, cells: int) -> None:
    """Print the medians of rounds in which each takes its turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chdir(folder)
        for part in ("audio", "segments", "one", "two"):
            (folder / part).mkdir()
        rows = collection(folder / "audio", tracks)
        jobs: dict[str, Callable[[], Any]] = {
            "preprocess": lambda: write_dataset(rows, folder / "audio", 10, folder / "segments"),
            "cells": lambda: spread(cells),
            "items": lambda: list(parallel_map(same, range(ITEMS), label="items", unit="items")),
        }
        with dask_cluster(folder / "one", 1) as one, dask_cluster(folder / "two", 2) as two:
            places = [Place("1 worker", one), Place("2 workers", two)]
            for _ in range(rounds):
                for what, work in jobs.items():
                    for place in places:
                        place.measure(what, work)
                        print(place.name, what, place.taken[what][-1], os.getloadavg(), flush=True)
        os.chdir("/")
    for what in jobs:
        single, double = (np.asarray(place.taken[what]) for place in places)
        ratios = single / double
        print(*(place.told(what) for place in places), sep="; ")
        print(
            f"{what}, 1 worker / 2 workers: time {np.median(ratios[:, 0]):.2f} "
            f"({ratios[:, 0].min():.2f}-{ratios[:, 0].max():.2f}), "
            f"busiest worker {np.median(ratios[:, 1]):.2f}"
        )
    print(f"load average: {os.getloadavg()}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description="Measure it.")
    parser.add_argument("--rounds", type=int, default=3, help="times that each takes its turn")
    parser.add_argument("--tracks", type=int, default=300, help="to preprocess, of 30 s")
    parser.add_argument("--cells", type=int, default=6, help="of 120 gradients each")
    options = parser.parse_args()
    main(options.rounds, options.tracks, options.cells)
