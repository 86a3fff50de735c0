"""A very small project that is disturbed, and what it was before."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.chaos.disks import Disk
from tests.chaos.runs import LOOK, Run, start
from tests.pipeline.clones import Project

GRACE = 5.0
"""Seconds within which a stage has to end after its DVC."""

CACHE = "cache"
"""DVC's cache, on a disk of its own."""


@dataclass(frozen=True)
class Workplace:
    """A project with the results that it has to come back to.

    Attributes:
        project: the clone.
        disk: where the project is, with DVC's database and all temporary files.
        store: where DVC's cache is.
        logs: a folder for what commands write.
        results: every result, by path, as a hash.
        lock: the contents of `dvc.lock`.
        seconds: how long each stage takes, by name.
    """

    project: Project
    disk: Disk
    store: Disk
    logs: Path
    results: dict[str, str]
    lock: Any
    seconds: dict[str, float]

    @property
    def folder(self) -> Path:
        """Where the project is."""
        return self.project.folder

    @property
    def cache(self) -> Path:
        """Where DVC's cache is."""
        return self.store.folder / CACHE

    def start(self, *arguments: str, room: int | None = None) -> Run:
        """Start `dvc` with `arguments`, perhaps with `room` bytes for each file of its stages."""
        return start(self.project, self.logs, *arguments, room=room)

    def forget(self, stage: str) -> None:
        """Remove what DVC's caches have of a stage: once it was disturbed, it has to run again."""
        shutil.rmtree(self.cache / "runs", ignore_errors=True)
        for out in self.lock["stages"][stage]["outs"]:
            self.object_of(out["md5"]).unlink(missing_ok=True)

    def forget_file(self, path: Path) -> None:
        """Remove what DVC's caches have of a file, so that its stage has to run again."""
        shutil.rmtree(self.cache / "runs", ignore_errors=True)
        md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        self.object_of(md5).unlink(missing_ok=True)

    def object_of(self, md5: str) -> Path:
        """Where DVC's cache has the contents with this hash."""
        return self.cache / "files/md5" / md5[:2] / md5[2:]

    def differences(self) -> list[str]:
        """The results that are not what they were, or are gone."""
        found = self.project.results()
        paths = [path for path, before in self.results.items() if found.get(path) != before]
        with suppress(OSError, yaml.YAMLError):
            lock = yaml.safe_load((self.folder / "dvc.lock").read_text(encoding="utf-8"))
            return paths + ["dvc.lock"] * (lock != self.lock)
        return [*paths, "dvc.lock"]

    def leftovers(self) -> list[str]:
        """Files beside the results that were not there."""
        return sorted(self.project.results().keys() - self.results.keys())

    def start_over(self) -> None:
        """Put back everything, where a blow did harm."""
        end_all([self.folder])
        for folder in (self.folder, self.cache):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(copy_of(folder), folder, symlinks=True)

    def processes(self, seconds: float = GRACE) -> list[int]:
        """What still runs in the project's folder after some seconds."""
        end = time.monotonic() + seconds
        while True:
            left = processes_in([self.folder])
            if not left or time.monotonic() > end:
                return left
            time.sleep(LOOK)


def copy_of(folder: Path) -> Path:
    """Where the undisturbed state of a folder on a disk is kept."""
    return folder.parent.with_name(f"{folder.parent.name}.undisturbed") / folder.name


def processes_in(folders: Iterable[Path]) -> list[int]:
    """The processes that work in one of the folders."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if _folder_of(pid) in set(folders)]


def end_all(folders: Iterable[Path]) -> None:
    """Kill the processes that work in one of the folders."""
    for pid in processes_in(folders):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _folder_of(pid: int) -> Path | None:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None
