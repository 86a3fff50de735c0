"""The blows at a stage: each disturbs one run of it, and says what was told."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from tests.chaos.damage import flip
from tests.chaos.disks import Disk
from tests.chaos.runs import Run
from tests.chaos.stages import cells_of, keeps_outputs_in_cache, outputs, stage_names
from tests.chaos.workplace import Workplace

COMMIT = 0.5
"""Seconds beyond the end of a stage, in which DVC records its outputs."""

SECONDS = 5.0
"""Of a stage that nothing is known of."""


class Struck(NamedTuple):
    """What came of a blow.

    Attributes:
        told: what each command wrote.
        met: whether the blow met a run; it may have come too late.
    """

    told: list[str]
    met: bool


Blow = Callable[[Workplace, str, random.Random], Struck]
"""Takes the workplace, the stage and a source of chance."""


def kill_group(place: Workplace, stage: str, chance: random.Random) -> Struck:
    """SIGKILL for DVC and everything that it started."""
    return _strike(place, stage, chance, lambda run: os.killpg(run.process.pid, signal.SIGKILL))


def kill_dvc(place: Workplace, stage: str, chance: random.Random) -> Struck:
    """SIGKILL for DVC alone."""
    return _strike(place, stage, chance, lambda run: os.kill(run.process.pid, signal.SIGKILL))


def terminate_dvc(place: Workplace, stage: str, chance: random.Random) -> Struck:
    """SIGTERM for DVC alone."""
    return _strike(place, stage, chance, lambda run: os.kill(run.process.pid, signal.SIGTERM))


def interrupt(place: Workplace, stage: str, chance: random.Random) -> Struck:
    """Ctrl-C: SIGINT for the group."""
    return _strike(place, stage, chance, lambda run: os.killpg(run.process.pid, signal.SIGINT))


def _strike(
    place: Workplace, stage: str, chance: random.Random, strike: Callable[[Run], None]
) -> Struck:
    """Run a stage again, and strike at a random moment of it."""
    run, cell = _begin(place, stage, chance)
    begun = time.monotonic()
    with suppress(subprocess.TimeoutExpired):
        run.process.wait(chance.uniform(0, place.seconds.get(cell, SECONDS) + COMMIT))
        place.seconds[cell] = max(0.0, time.monotonic() - begun - COMMIT)
    met = run.process.returncode is None
    if met:
        with suppress(ProcessLookupError):
            strike(run)
    run.ended()
    return Struck([run.told], met)


def _begin(
    place: Workplace, stage: str, chance: random.Random, room: int | None = None
) -> tuple[Run, str]:
    """Let a stage run again, of a matrix one cell or all; return the run and the first cell."""
    cells = cells_of(place, stage)
    if len(cells) > 1 and chance.random() < 0.5:
        for cell in cells:
            place.forget(cell)
            for path in outputs(place, cell):
                path.unlink()
        words, first = ["repro", "-s", stage], cells[0]
    else:
        first = chance.choice(cells)
        place.forget(first)
        words = ["repro", "-f", "-s", first]
    run = place.start(*words, room=room)
    run.wait_for("Running stage")
    return run, first


def fill_disk(place: Workplace, stage: str, chance: random.Random) -> Struck:
    """The file system of the project fills up while a stage runs."""
    return _fill(place, place.disk, stage, chance)


def fill_store(place: Workplace, stage: str, chance: random.Random) -> Struck:
    """The file system of DVC's cache fills up while a stage runs."""
    return _fill(place, place.store, stage, chance)


def _fill(place: Workplace, disk: Disk, stage: str, chance: random.Random) -> Struck:
    """Run a stage again, and fill one of the file systems meanwhile."""
    room = _room(place, stage, chance)
    run, _ = _begin(place, stage, chance)
    disk.fill(room)
    status = run.ended()
    disk.empty()
    return Struck([run.told], status != 0)


def limit_files(place: Workplace, stage: str, chance: random.Random) -> Struck:
    """No file of a stage can become larger than a random size."""
    run, _ = _begin(place, stage, chance, _room(place, stage, chance))
    return Struck([run.told], run.ended() != 0)


def _room(place: Workplace, stage: str, chance: random.Random) -> int:
    """Bytes that are left: none, or fewer than the largest output needs."""
    sizes = [path.stat().st_size for path in outputs(place, cells_of(place, stage)[0])]
    return chance.choice([0, int(max(sizes) * chance.random())])


def run_twice(place: Workplace, stage: str, chance: random.Random) -> Struck:
    """Two runs of one stage, the second one begun during the first."""
    first, cell = _begin(place, stage, chance)
    time.sleep(chance.uniform(0, place.seconds.get(cell, SECONDS) / 2))
    second = place.start("repro", "-f", "-s", cell)
    second.wait_for("\n")
    met = first.process.poll() is None
    second.ended()
    first.ended()
    return Struck([first.told, second.told], met)


def spoil_checkpoint(place: Workplace, stage: str, chance: random.Random) -> Struck:
    """A training that was killed, and a byte of its checkpoint changed."""
    run, _ = _begin(place, stage, chance)
    checkpoint = place.folder / "data/checkpoint.npz"
    while not checkpoint.is_file() and run.process.poll() is None:
        time.sleep(0.002)
    met = checkpoint.is_file()
    with suppress(ProcessLookupError):
        os.killpg(run.process.pid, signal.SIGKILL)
    run.ended()
    if met and checkpoint.is_file():
        flip(checkpoint, chance)
    return Struck([run.told], met)


BLOWS: dict[str, Blow] = {
    "kill -9 of the group": kill_group,
    "kill -9 of DVC alone": kill_dvc,
    "kill of DVC alone": terminate_dvc,
    "Ctrl-C": interrupt,
    "full file system": fill_disk,
    "full file system of DVC's cache": fill_store,
    "no room: a limit on file size": limit_files,
    "two runs at once": run_twice,
    "a byte flipped in a checkpoint": spoil_checkpoint,
}


def targets_of(place: Workplace, kind: str) -> list[str]:
    """The stages that a kind of blow is for; none where the system does not allow it."""
    stages = stage_names(place)
    if BLOWS[kind] is spoil_checkpoint:
        return [stage for stage in stages if stage == "train"]
    if BLOWS[kind] is fill_disk:
        return stages if place.disk.real else []
    if BLOWS[kind] is limit_files:
        return [] if place.disk.real else stages
    if BLOWS[kind] is fill_store:
        return [
            stage for stage in stages if place.store.real and keeps_outputs_in_cache(place, stage)
        ]
    return stages
