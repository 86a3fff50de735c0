"""The blows: each disturbs one stage, or a file that stages exchange, and returns what was told."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.chaos.runs import Run
from tests.chaos.workplace import Workplace

Blow = Callable[[Workplace, str, random.Random], str]
"""Takes the workplace, the target and a source of chance."""

COMMIT = 1.5
"""Seconds beyond the end of a stage, in which DVC records its outputs."""


def kill_group(place: Workplace, stage: str, chance: random.Random) -> str:
    """SIGKILL for DVC and everything that it started."""
    return _strike(place, stage, chance, lambda run: os.killpg(run.process.pid, signal.SIGKILL))


def kill_dvc(place: Workplace, stage: str, chance: random.Random) -> str:
    """SIGKILL for DVC alone."""
    return _strike(place, stage, chance, lambda run: os.kill(run.process.pid, signal.SIGKILL))


def terminate_dvc(place: Workplace, stage: str, chance: random.Random) -> str:
    """SIGTERM for DVC alone."""
    return _strike(place, stage, chance, lambda run: os.kill(run.process.pid, signal.SIGTERM))


def interrupt(place: Workplace, stage: str, chance: random.Random) -> str:
    """Ctrl-C: SIGINT for the group."""
    return _strike(place, stage, chance, lambda run: os.killpg(run.process.pid, signal.SIGINT))


def _strike(
    place: Workplace, stage: str, chance: random.Random, strike: Callable[[Run], None]
) -> str:
    """Run a stage again, and strike at a random moment of it."""
    place.forget(stage)
    run = place.start("repro", "-f", "-s", stage)
    run.wait_for("Running stage")
    time.sleep(chance.uniform(0, place.seconds.get(stage, 5.0) + COMMIT))
    with suppress(ProcessLookupError):
        strike(run)
    run.ended()
    return run.told


def full_disk(place: Workplace, stage: str, chance: random.Random) -> str:
    """No file of a stage can become larger than a random size."""
    place.forget(stage)
    sizes = [path.stat().st_size for path in outputs(place, stage)]
    room = chance.choice([0, round(max(sizes) * chance.random())])
    run = place.start("repro", "-f", "-s", stage, room=room)
    run.ended()
    return run.told


def run_twice(place: Workplace, stage: str, chance: random.Random) -> str:
    """Two runs of one stage, the second one begun during the first."""
    place.forget(stage)
    first = place.start("repro", "-f", "-s", stage)
    first.wait_for("Running stage")
    time.sleep(chance.uniform(0, place.seconds.get(stage, 5.0) / 2))
    second = place.start("repro", "-f", "-s", stage)
    second.ended()
    first.ended()
    return first.told + second.told


def flip(path: Path, chance: random.Random) -> None:
    """Change one byte in place."""
    place = chance.randrange(path.stat().st_size)
    with path.open("r+b") as stream:
        stream.seek(place)
        byte = stream.read(1)[0]
        stream.seek(place)
        stream.write(bytes([byte ^ (1 << chance.randrange(8))]))


def cut(path: Path, chance: random.Random) -> None:
    """Cut the end off, in place."""
    os.truncate(path, chance.randrange(path.stat().st_size))


def damage(spoil: Callable[[Path, random.Random], None], *, keep_time: bool) -> Blow:
    """Spoil a file of an output; with its time kept, DVC has to be asked to run a reader of it."""

    def blow(place: Workplace, out: str, chance: random.Random) -> str:
        path = chance.choice(files_of(place.folder / out))
        if chance.random() < 0.5:
            place.forget_file(path)
        before = path.stat()
        path.chmod(before.st_mode | 0o200)
        spoil(path, chance)
        if not keep_time:
            return f"{out}\n"
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        run = place.start("repro", "-f", "-s", chance.choice(readers(place, out)))
        run.ended()
        return run.told

    return blow


def spoil_checkpoint(place: Workplace, stage: str, chance: random.Random) -> str:
    """A training that was killed, and a byte of its checkpoint changed."""
    place.forget(stage)
    run, checkpoint = place.start("repro", "-f", "-s", stage), place.folder / "data/checkpoint.npz"
    while not checkpoint.is_file() and run.process.poll() is None:
        time.sleep(0.002)
    with suppress(ProcessLookupError):
        os.killpg(run.process.pid, signal.SIGKILL)
    run.ended()
    if checkpoint.is_file():
        flip(checkpoint, chance)
    return run.told


def stages(place: Workplace) -> list[str]:
    """Every stage and cell."""
    return list(place.lock["stages"])


def outputs(place: Workplace, stage: str) -> list[Path]:
    """The files that a stage wrote."""
    return [
        file
        for out in place.lock["stages"][stage]["outs"]
        for file in files_of(place.folder / out["path"])
    ]


def exchanged(place: Workplace) -> list[str]:
    """The outputs that another stage reads, and that have a byte in them."""
    outs = [out["path"] for stage in place.lock["stages"].values() for out in stage["outs"]]
    return [out for out in outs if readers(place, out) and files_of(place.folder / out)]


def readers(place: Workplace, out: str) -> list[str]:
    """The stages that an output is an input of."""
    return [
        name
        for name, stage in place.lock["stages"].items()
        if any(_covers(dep["path"], out) for dep in stage["deps"])
    ]


def _covers(dep: str, out: str) -> bool:
    return Path(out).is_relative_to(dep) or Path(dep).is_relative_to(out)


def files_of(path: Path) -> list[Path]:
    """A file, or those in a folder, that have a byte in them."""
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [file for file in found if file.is_file() and file.stat().st_size]


AT_STAGES: dict[str, Blow] = {
    "kill -9 of the group": kill_group,
    "kill -9 of DVC alone": kill_dvc,
    "kill of DVC alone": terminate_dvc,
    "Ctrl-C": interrupt,
    "no room on the disk": full_disk,
    "two runs at once": run_twice,
}
AT_FILES: dict[str, Blow] = {
    "a byte flipped, new time": damage(flip, keep_time=False),
    "a byte flipped, old time": damage(flip, keep_time=True),
    "cut, new time": damage(cut, keep_time=False),
    "cut, old time": damage(cut, keep_time=True),
}
AT_CHECKPOINTS: dict[str, Blow] = {"a byte flipped in a checkpoint": spoil_checkpoint}
