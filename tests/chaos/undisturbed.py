"""The undisturbed runs of the very small project, which disturbed ones have to come back to."""

from __future__ import annotations

import shutil
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.chaos.disks import Disk, make_disk
from tests.chaos.runs import LOOK, ROOM, start
from tests.chaos.workplace import CACHE, Workplace, copy_of
from tests.pipeline.clones import Project, clone, commit

READ, LIMITED = "stage(read_params(PARAMS))", "stage(limited(read_params(PARAMS)))"
"""Where the harness of the very small project begins with the stage itself."""

LIMIT = f"""

def limited(params):
    import resource
    if "{ROOM}" in os.environ:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["{ROOM}"]),) * 2)
    return params
"""

SIZE = "160m"
"""Of a disk, four times what is on it."""


@dataclass(frozen=True)
class Ground:
    """Where a project and DVC's cache will be, and where logs go."""

    disk: Disk
    store: Disk
    logs: Path

    @property
    def project(self) -> Project:
        """The project, on its disk."""
        return Project(self.disk.folder / "project")

    def set_cache(self) -> None:
        """Let DVC have its cache on the other disk."""
        config = self.project.folder / ".dvc/config.local"
        config.write_text(f"[cache]\n    dir = {self.store.folder / CACHE}\n", encoding="utf-8")


def make_grounds(folder: Path) -> list[Ground]:
    """Disks for two projects."""
    logs = folder / "logs"
    logs.mkdir()
    return [
        Ground(make_disk(folder / name, SIZE), make_disk(folder / f"{name}.store", SIZE), logs)
        for name in ("recipe", "archive")
    ]


def prepare(recipe: Ground, archive: Ground) -> Iterator[Workplace]:
    """Make and run the very small project: first of a recipe, then of an archive.

    Raises:
        RuntimeError: an undisturbed run fails, or the harness has another form.
    """
    first = clone(recipe.project.folder)
    recipe.set_cache()
    limit_files(first.folder / "stages/harness.py")
    commit(first, "a disk that may be full")
    made = _finished(recipe, {})
    yield made
    second = archive.project
    shutil.copytree(first.folder, second.folder, symlinks=True)
    shutil.copytree(made.cache, archive.store.folder / CACHE, symlinks=True)
    archive.set_cache()
    music = second.folder / "music.tar.gz"
    with tarfile.open(music, "w:gz") as packed:
        packed.add(second.folder / "data/tracks", "genres")
    second.change("params.yaml", {"data.path": music.name})
    yield _finished(archive, made.seconds)


def limit_files(harness: Path) -> None:
    """Let every stage write no more than a limit from the environment.

    Raises:
        RuntimeError: the harness has another form.
    """
    code = harness.read_text(encoding="utf-8")
    if READ not in code:
        raise RuntimeError(f"{harness}: no {READ}")
    harness.write_text(code.replace(READ, LIMITED) + LIMIT, encoding="utf-8")


def _finished(ground: Ground, before: dict[str, float]) -> Workplace:
    """The workplace, when all stages have run."""
    project = ground.project
    run = start(project, ground.logs, "repro")
    seconds = dict(before)
    begun: tuple[str, float] | None = None
    seen = 0
    while run.process.poll() is None:
        lines = [line for line in run.told.splitlines() if line.startswith("Running stage")]
        for line in lines[seen:]:
            now = time.monotonic()
            if begun:
                seconds[begun[0]] = now - begun[1]
            begun = (line.split("'")[1], now)
        seen = len(lines)
        time.sleep(LOOK)
    if begun:
        seconds[begun[0]] = time.monotonic() - begun[1]
    if run.ended():
        raise RuntimeError(run.told)
    for folder in (project.folder, ground.store.folder / CACHE):
        shutil.copytree(folder, copy_of(folder), symlinks=True)
    lock = yaml.safe_load((project.folder / "dvc.lock").read_text(encoding="utf-8"))
    return Workplace(
        project, ground.disk, ground.store, ground.logs, project.results(), lock, seconds
    )
