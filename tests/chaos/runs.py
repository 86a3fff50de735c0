"""A `dvc` that runs while something happens to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.pipeline.clones import Project

SECONDS = 600.0
"""A command that takes longer hangs."""

LOOK = 0.02
"""Seconds between two looks at a process."""

ROOM = "CHAOS_ROOM"
"""The variable with the bytes that a file of a stage may have, as where the disk is full."""


@dataclass(frozen=True)
class Run:
    """A `dvc` that was started, in a process group of its own."""

    process: subprocess.Popen[bytes]
    log: Path
    copying: threading.Thread

    @property
    def told(self) -> str:
        """All that it wrote so far, to both outputs."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, words: str, seconds: float = SECONDS) -> None:
        """Wait until it wrote `words`, or ended."""
        end = time.monotonic() + seconds
        while words not in self.told and self.process.poll() is None and time.monotonic() < end:
            time.sleep(LOOK)

    def ended(self) -> int:
        """Its exit status; one that hangs is ended, and has none that is 0."""
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            with self.log.open("a") as stream:
                stream.write("chaos: it hangs\n")
            os.killpg(self.process.pid, signal.SIGKILL)
        # What outlives it may still tell something, and holds the pipe meanwhile.
        self.copying.join(0.5)
        return self.process.wait()


def start(project: Project, logs: Path, *arguments: str, room: int | None = None) -> Run:
    """Start `dvc` in a project."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PATH": path}
    # Temporary files and DVC's database are on the disk of the project, be it full.
    for variable in ("TMPDIR", "DVC_SITE_CACHE_DIR"):
        place = project.folder.with_name(f"{project.folder.name}.{variable.lower()}")
        place.mkdir(exist_ok=True)
        environment[variable] = str(place)
    if room is not None:
        environment[ROOM] = str(room)
    log = logs / f"{time.time_ns()}.log"
    process = subprocess.Popen(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=project.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    # By a pipe: into a file, a stage without room could not tell of it.
    copying = threading.Thread(target=_copy, args=(process, log), daemon=True)
    log.touch()
    copying.start()
    return Run(process, log, copying)


def _copy(process: subprocess.Popen[bytes], log: Path) -> None:
    """Write all that a process tells to a file, as it comes."""
    assert process.stdout
    with log.open("ab", buffering=0) as stream:
        while block := os.read(process.stdout.fileno(), 2**16):
            stream.write(block)
