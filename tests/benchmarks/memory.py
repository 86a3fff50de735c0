"""Peak memory of ingest and preprocessing over a number of tracks of 30 s (Linux).

`python -m tests.benchmarks.memory 1000 10000` prints a line for each number. A process tree's
*private* memory is what it holds by itself; *shared* is what it has mapped of files and of other
processes' memory, each page counted once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

DIFFERENT = 20
"""Different tracks; the others are further names of these."""


def write_tracks(folder: Path, count: int) -> None:
    """`count` tracks of 30 s in two genres."""
    times = np.arange(30 * 22_050) / 22_050
    for number in range(count):
        path = folder / ("blues", "rock")[number % 2] / f"{number:06}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        if number < DIFFERENT:
            tone = np.sin(2 * np.pi * (200 + 50 * number) * times)
            soundfile.write(path, 0.01 * times * tone, 22_050)
        else:
            first = number % DIFFERENT
            os.link(folder / ("blues", "rock")[first % 2] / f"{first:06}.wav", path)


def read(folder: Path, candidate: Any) -> np.ndarray:
    """A candidate's samples."""
    return np.asarray(soundfile.read(folder / candidate.source, dtype="float32")[0])


def ingest(folder: Path) -> None:
    """What the stage `ingest` does to a folder."""
    from detune.tracks import Candidate, store_tracks  # noqa: PLC0415

    candidates = [
        Candidate(
            f"{path.parent.name}.{path.stem}", path.parent.name, f"{path.parent.name}/{path.name}"
        )
        for path in sorted((folder / "music").glob("*/*.wav"))
    ]
    store_tracks(candidates, partial(read, folder / "music"), folder / "tracks")


def preprocess(folder: Path) -> None:
    """The stage `preprocess` over what is stored."""
    from detune.preprocessing import write_dataset  # noqa: PLC0415
    from detune.splits import SPLITS  # noqa: PLC0415

    paths = sorted((folder / "tracks").glob("*/*.flac"))
    rows = [{"genre": path.parent.name, "track": path.stem} for path in paths]
    splits = [SPLITS[number % 10 // 8] for number in range(len(rows))]
    write_dataset(rows, splits, folder / "tracks", 10, folder / "segments")


def tree(pid: int) -> list[int]:
    """`pid` and all processes below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += tree(int(child))
    return found


def megabytes(pid: int) -> tuple[float, float]:
    """Private and shared memory of a process tree."""
    private = shared = 0
    for process in tree(pid):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            name, value = line.split()[0], line.split()[1]
            private += int(value) if name in ("Private_Clean:", "Private_Dirty:") else 0
            shared += int(value) if name == "Pss:" else 0
    return private / 1024, (shared - private) / 1024


def peak(stage: str, folder: Path) -> tuple[float, float]:
    """The most private, and private plus shared, memory of a stage in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.memory", stage, str(folder)],
        stderr=subprocess.DEVNULL,
    )
    most = most_of_all = 0.0
    while process.poll() is None:
        try:
            private, shared = megabytes(process.pid)
        except (FileNotFoundError, ProcessLookupError):
            continue  # one of them has just ended
        most, most_of_all = max(most, private), max(most_of_all, private + shared)
        time.sleep(0.1)
    if process.returncode:
        sys.exit(f"{stage} failed")
    return most, most_of_all


def main(counts: list[int]) -> None:
    """Print the table."""
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_tracks(folder / "music", count)
            for stage in ("ingest", "preprocess"):
                private, whole = peak(stage, folder)
                print(
                    f"{count} tracks, {stage}: at most {private:.0f} MB private, "
                    f"{whole:.0f} MB with what is shared",
                    flush=True,
                )


if __name__ == "__main__":
    if sys.argv[1] in ("ingest", "preprocess"):
        globals()[sys.argv[1]](Path(sys.argv[2]))
    else:
        main([int(count) for count in sys.argv[1:]])
