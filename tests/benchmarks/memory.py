"""Peak memory of ingest and preprocessing over a number of tracks of 30 s (Linux).

`python -m tests.benchmarks.memory preprocess 1000 10000` prints a line for each number. Memory is
that of all processes of the stage, a page that several of them have counted once; what is mapped
from files (code, for the most part) is told apart, since the system can drop it at any time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

DIFFERENT = 20
"""Different tracks; the others are further names of these."""


def write_tracks(folder: Path, count: int) -> list[Path]:
    """`count` tracks of 30 s in two genres."""
    times = np.arange(30 * 22_050) / 22_050
    paths = [folder / ("blues", "rock")[n % 2] / f"{n:06}.flac" for n in range(count)]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        if number < DIFFERENT:
            tone = np.sin(2 * np.pi * (200 + 50 * number) * times)
            soundfile.write(path, 0.01 * times * tone, 22_050)
        else:
            os.link(paths[number % DIFFERENT], path)
    return paths


def read(candidate: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """A candidate's samples, and no notes on them."""
    return np.asarray(soundfile.read(candidate.source, dtype="float32")[0]), ()


def ingest(paths: list[Path], folder: Path) -> None:
    """What the stage `ingest` does with the tracks of a folder."""
    from detune.ingest.tracks import Candidate, store_tracks  # noqa: PLC0415

    candidates = [Candidate(path.stem, path.parent.name, str(path)) for path in paths]
    store_tracks(candidates, read, folder / "stored")


def preprocess(paths: list[Path], folder: Path) -> None:
    """What the stage `preprocess` does with stored tracks."""
    from detune.collection.split_table import SPLITS, SplitRow  # noqa: PLC0415
    from detune.preprocess.preprocessing import write_dataset  # noqa: PLC0415

    rows = [
        SplitRow(path.stem, path.parent.name, SPLITS[number % 10 // 4], path.stem)
        for number, path in enumerate(paths)
    ]
    write_dataset(rows, paths[0].parents[1], 10, folder / "segments")


STAGES = {"ingest": ingest, "preprocess": preprocess}


def run(stage: str, count: int) -> None:
    """Carry out a stage on its own tracks, in a folder that is removed in the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        STAGES[stage](write_tracks(folder / "tracks", count), folder)


def tree(pid: int) -> list[int]:
    """`pid` and all processes below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += tree(int(child))
    return found


def megabytes(pid: int) -> np.ndarray:
    """All memory of a process tree, and the part that is mapped from files."""
    total = np.zeros(2)
    for process in tree(pid):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            name, value, *_ = line.split()
            total += (
                int(value) * np.asarray([name == "Pss:", name == "Pss_File:"]) if ":" in name else 0
            )
    return total / 1024


def peak(stage: str, count: int) -> np.ndarray:
    """The most memory that a stage takes, in a process of its own, as `megabytes` tells it."""
    most = np.zeros(2)
    command = [sys.executable, "-m", "tests.benchmarks.memory", stage, "once", str(count)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            try:
                most = max(most, megabytes(process.pid), key=lambda memory: float(memory[0]))
            except (FileNotFoundError, ProcessLookupError):
                continue  # one of the processes has just ended
            time.sleep(0.1)
    if process.returncode:
        sys.exit(f"{stage} failed")
    return most


if __name__ == "__main__":
    if sys.argv[2] == "once":
        run(sys.argv[1], int(sys.argv[3]))
    else:
        for count in map(int, sys.argv[2:]):
            whole, files = peak(sys.argv[1], count)
            print(f"{sys.argv[1]}, {count} tracks: {whole:.0f} MB, {files:.0f} of them from files")
