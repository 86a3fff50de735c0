"""The undisturbed runs of the very small project, which disturbed ones have to come back to."""

from __future__ import annotations

import shutil
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.chaos.runs import LOOK, ROOM, start
from tests.chaos.workplace import Workplace, copy_of
from tests.pipeline.clones import Project, clone, commit

READ, LIMITED = "stage(read_params())", "stage(limited(read_params()))"
"""Where the harness of the very small project begins with the stage itself."""

LIMIT = f"""

def limited(params):
    import resource
    if "{ROOM}" in os.environ:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["{ROOM}"]),) * 2)
    return params
"""


def prepare(folder: Path) -> Iterator[Workplace]:
    """Make and run the very small project: first of a recipe, then of an archive.

    Raises:
        RuntimeError: an undisturbed run fails, or the harness has another form.
    """
    logs = folder / "logs"
    logs.mkdir()
    first = clone(folder / "recipe")
    harness = first.folder / "stages/harness.py"
    code = harness.read_text(encoding="utf-8")
    if READ not in code:
        raise RuntimeError(f"{harness}: no {READ}")
    harness.write_text(code.replace(READ, LIMITED) + LIMIT, encoding="utf-8")
    commit(first, "a disk that may be full")
    made = _finished(first, logs, {})
    yield made
    second = Project(folder / "archive")
    shutil.copytree(first.folder, second.folder, symlinks=True)
    music = second.folder / "music.tar.gz"
    with tarfile.open(music, "w:gz") as archive:
        archive.add(second.folder / "data/tracks", "genres")
    second.change("params.yaml", {"data.path": music.name})
    yield _finished(second, logs, made.seconds)


def _finished(project: Project, logs: Path, before: dict[str, float]) -> Workplace:
    """The workplace, when all stages have run."""
    run = start(project, logs, "repro")
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
    shutil.copytree(project.folder, copy_of(project.folder), symlinks=True)
    lock = yaml.safe_load((project.folder / "dvc.lock").read_text(encoding="utf-8"))
    return Workplace(project, logs, project.results(), lock, seconds)
