"""A very small project that is disturbed, and what it was before."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.chaos.runs import LOOK, Run, start
from tests.pipeline.clones import Project

GRACE = 5.0
"""Seconds within which a stage has to end after its DVC."""


@dataclass(frozen=True)
class Workplace:
    """A project with the results that it has to come back to.

    Attributes:
        project: the clone.
        logs: a folder for what commands write.
        results: every result, by path, as a hash.
        lock: the contents of `dvc.lock`.
        seconds: how long each stage takes, by name.
    """

    project: Project
    logs: Path
    results: dict[str, str]
    lock: Any
    seconds: dict[str, float]

    @property
    def folder(self) -> Path:
        """Where the project is."""
        return self.project.folder

    def start(self, *arguments: str, room: int | None = None) -> Run:
        """Start `dvc` with `arguments`, perhaps with `room` bytes for each file of its stages."""
        return start(self.project, self.logs, *arguments, room=room)

    def forget(self, stage: str) -> None:
        """Remove what DVC's caches have of a stage: once it was disturbed, it has to run again."""
        shutil.rmtree(self.folder / ".dvc/cache/runs", ignore_errors=True)
        for out in self.lock["stages"][stage]["outs"]:
            self._object(out["md5"]).unlink(missing_ok=True)

    def forget_file(self, path: Path) -> None:
        """Remove what DVC's caches have of a file, so that its stage has to run again."""
        shutil.rmtree(self.folder / ".dvc/cache/runs", ignore_errors=True)
        md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        self._object(md5).unlink(missing_ok=True)

    def _object(self, md5: str) -> Path:
        return self.folder / ".dvc/cache/files/md5" / md5[:2] / md5[2:]

    def differences(self) -> list[str]:
        """The results that are not what they were, or are gone."""
        found = self.project.results()
        paths = [path for path, before in self.results.items() if found.get(path) != before]
        lock = yaml.safe_load((self.folder / "dvc.lock").read_text(encoding="utf-8"))
        return paths + ["dvc.lock"] * (lock != self.lock)

    def leftovers(self) -> list[str]:
        """Files beside the results that were not there."""
        return sorted(self.project.results().keys() - self.results.keys())

    def start_over(self) -> None:
        """Put back everything, where a blow did harm."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder)
        shutil.copytree(copy_of(self.folder), self.folder, symlinks=True)

    def processes(self, seconds: float = GRACE) -> list[int]:
        """What still runs in the project's folder after some seconds."""
        end = time.monotonic() + seconds
        while True:
            left = [pid for pid in _processes() if _folder_of(pid) == self.folder]
            if not left or time.monotonic() > end:
                return left
            time.sleep(LOOK)


def copy_of(folder: Path) -> Path:
    """Where the undisturbed project is kept."""
    return folder.with_name(f"{folder.name}.undisturbed")


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _folder_of(pid: int) -> Path | None:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None
