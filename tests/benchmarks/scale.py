"""What collections of up to 100,000 tracks cost: time, memory and disk of the first stages (Linux).

`python -m tests.benchmarks.scale FOLDER 1000 10000 100000` composes so many short tracks (each
different, of one segment) with a table of labels in FOLDER, runs the stages on each number, and
prints a line for each stage; `FOLDER/scale.jsonl` keeps them. A stage that has a line is not run
again, so the command can be stopped and started anew. `--seconds 30` makes tracks of that length,
`--stages ingest,explore` chooses. What is written can take 300 KB a track of 3 s.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import yaml

from detune.audio.constants import SAMPLE_RATE
from detune.support.pool import parallel_map
from tests.benchmarks.memory import megabytes

ROOT = Path(__file__).parents[2]
STAGES = ("ingest", "split", "explore", "preprocess")
GENRES = 10
SOUNDS, LENGTH, TONES = 1000, 0.25, 4
"""A track is a sequence of these many different sounds, so long in s, of so many tones at once."""

LOOK_SECONDS = 1.0
"""Between two looks at the memory."""


def place(number: int) -> str:
    """Where track `number` lies, as in FMA: a thousand in a folder."""
    return f"{number // 1000:03}/{number:06}.wav"


@cache
def sounds() -> np.ndarray:
    """What tracks are made of, `(SOUNDS, samples)`."""
    drawn, shape = np.random.default_rng(0), (SOUNDS, TONES, 1)
    times = np.arange(round(LENGTH * SAMPLE_RATE)) / SAMPLE_RATE
    tones = drawn.uniform(0, 0.2, shape) * np.sin(
        2 * np.pi * drawn.uniform(80, 6000, shape).astype(np.float32) * times.astype(np.float32)
    )
    return np.asarray(tones.sum(axis=1), np.float32)


def compose(folder: Path, seconds: float, number: int) -> None:
    """Write one track, unless it is there."""
    path = folder / place(number)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    chosen = np.random.default_rng(number).integers(SOUNDS, size=int(np.ceil(seconds / LENGTH)))
    temporary = path.with_suffix(".writing")
    soundfile.write(temporary, sounds()[chosen].reshape(-1), SAMPLE_RATE, format="WAV")
    temporary.replace(path)


def make_project(folder: Path, count: int, seconds: float) -> Path:
    """A project of `count` tracks with a table of labels; tracks are shared by all projects."""
    project, tracks = folder / f"{count}-{seconds:g}", folder / f"tracks-{seconds:g}"
    (project / "data").mkdir(parents=True, exist_ok=True)
    list(
        parallel_map(
            partial(compose, tracks, seconds), range(count), label="compose", unit="tracks"
        )
    )
    lines = [f"{place(number)},genre{number % GENRES}" for number in range(count)]
    labels = project / "data/labels.csv"
    labels.write_text("\n".join(["path,genre", *lines, ""]), encoding="utf-8")
    shutil.copy(ROOT / "data/partition.csv", project / "data")
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["data"] |= {"path": str(tracks.resolve()), "labels": "data/labels.csv"}
    (project / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    if not (project / ".dvc").exists():
        subprocess.run(["dvc", "init", "--quiet", "--no-scm"], cwd=project, check=True)
    return project


def run_stage(project: Path, stage: str) -> Mapping[str, Any]:
    """Run a stage's script in `project`: seconds, of processors too, and the most memory, MB."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(ROOT / "stages" / f"{stage}.py")]
    begun, most = time.monotonic(), 0.0
    with (project / f"{stage}.log").open("w") as log:
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=log)
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            try:
                most = max(most, float(megabytes(process.pid)[0]))
            except (FileNotFoundError, ProcessLookupError):
                continue  # one of the processes has just ended
            time.sleep(LOOK_SECONDS)
    if status:
        sys.exit(f"{stage}: failed: {log.name} says why")
    return {
        "seconds": round(time.monotonic() - begun, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "megabytes": round(most),
    }


def measure(arguments: argparse.Namespace) -> Iterator[Mapping[str, Any]]:
    """Every stage on every number of tracks, those that have a line from the file."""
    records = arguments.folder / "scale.jsonl"
    arguments.folder.mkdir(parents=True, exist_ok=True)
    done = (
        [json.loads(line) for line in records.read_text().splitlines()] if records.exists() else []
    )
    known = {tuple(one[name] for name in ("tracks", "length", "stage")): one for one in done}
    for count in arguments.tracks:
        project = make_project(arguments.folder, count, arguments.seconds)
        for stage in arguments.stages.split(","):
            key = (count, arguments.seconds, stage)
            if key not in known:
                figures = dict(zip(("tracks", "length", "stage"), key, strict=True))
                known[key] = figures | run_stage(project, stage)
                with records.open("a") as stream:
                    stream.write(json.dumps(known[key]) + "\n")
            yield known[key]


def main() -> None:
    """Print a line for each stage and number of tracks."""
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}")
    parser.add_argument("folder", type=Path)
    parser.add_argument("tracks", type=int, nargs="+")
    parser.add_argument("--seconds", type=float, default=3.25)
    parser.add_argument("--stages", default=",".join(STAGES))
    for one in measure(parser.parse_args()):
        print(
            f"{one['stage']:10} {one['tracks']:7} tracks of {one['length']:g} s: "
            f"{one['seconds']:8.1f} s, {one['processor_seconds']:8.1f} s of processors, "
            f"{one['megabytes']:6} MB, "
            f"{1000 * one['processor_seconds'] / one['tracks']:.2f} ms a track",
            flush=True,
        )


if __name__ == "__main__":
    main()
