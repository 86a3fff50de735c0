"""What a user does after a blow: `dvc repro`, and what errors say, to the letter.

Where DVC fails with a message of its own, it is `make repro`, which looks first.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

from tests.chaos.workplace import Workplace

TRIES = 4
"""Runs at most, each after what the one before told."""

COMMANDS = ("git", "kill")
"""What errors tell to run, beside `dvc`."""


@dataclass
class Recovery:
    """What came of a blow.

    Attributes:
        told: what every `dvc repro` wrote.
        came_back: whether a `dvc repro` succeeded in the end.
    """

    told: list[str] = field(default_factory=list)
    came_back: bool = False


def recover(place: Workplace, told: list[str]) -> Recovery:
    """Follow the remedies that commands told, and run `dvc repro` until it succeeds."""
    recovery = Recovery()
    for _ in range(TRIES):
        for error in errors("\n".join(recovery.told[-1:] or told)):
            follow(place, error)
        run = place.start("repro")
        status = run.ended()
        told_now = run.told
        if status and not errors(told_now):
            told_now += before_dvc(place)
        recovery.told.append(told_now)
        if status == 0:
            recovery.came_back = True
            break
    return recovery


def before_dvc(place: Workplace) -> str:
    """What `make repro` tells before it begins DVC; empty where all is in order."""
    command = [sys.executable, "-m", "detune.tools.precheck"]
    environment = os.environ | {"PYTHONPATH": "src"}
    return subprocess.run(
        command, cwd=place.folder, env=environment, capture_output=True, text=True, check=False
    ).stderr


def errors(told: str) -> list[str]:
    """The error lines of the project's own stages."""
    return [line for line in told.splitlines() if re.match(r"\w+: error: ", line)]


def follow(place: Workplace, error: str) -> None:
    """Do what an error line says: remove a file, run a command; `dvc repro` follows anyway."""
    message = error.partition(": error: ")[2]
    if damaged := re.match(r"(.+?): damaged", message):
        path = place.folder / damaged[1]
        if "remove it" in message and path.exists():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for command in re.findall("`(.+?)`", message):
        words = shlex.split(command)
        if words[0] == "dvc" and words != ["dvc", "repro"]:
            place.start(*words[1:]).ended()
        elif words[0] in COMMANDS:
            subprocess.run(words, cwd=place.folder, capture_output=True, check=False)
