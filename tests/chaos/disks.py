"""File systems of a small size, which can be filled up to the last page.

They are made in a namespace of mounts of the campaign's own, so that they are gone with it, however
it ends. Where the system allows no mount, the folders are usual ones that cannot be filled.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

OWN = "CHAOS_OWN_MOUNTS"
"""The variable that says that this process has a namespace of mounts for itself."""

BALLAST = "ballast"
"""The file that takes all room there is."""


@dataclass(frozen=True)
class Disk:
    """A folder, and perhaps a file system in it that can be filled.

    Attributes:
        folder: where it is.
        real: whether it is a file system of its own.
    """

    folder: Path
    real: bool

    def fill(self, room: int) -> None:
        """Leave `room` bytes."""
        status = os.statvfs(self.folder)
        taken = status.f_bavail * status.f_frsize - room
        if self.real and taken > 0:
            with (self.folder / BALLAST).open("wb") as stream:
                os.posix_fallocate(stream.fileno(), 0, taken)

    def empty(self) -> None:
        """Take the ballast out."""
        (self.folder / BALLAST).unlink(missing_ok=True)


def make_disk(folder: Path, size: str) -> Disk:
    """Make a folder, with a file system of `size` (as "64m") in it where this may be done."""
    folder.mkdir(parents=True)
    return Disk(folder, OWN in os.environ and _succeeds(*_mount(folder, size)))


def remove_disk(disk: Disk) -> None:
    """Take the file system away, at once even where something has a file of it open."""
    if disk.real:
        _succeeds("umount", "--lazy", str(disk.folder))


def begin_with_own_mounts(module: str, arguments: list[str]) -> None:
    """Begin this program anew where it can mount file systems; return where it cannot.

    Args:
        module: the program.
        arguments: of the program.
    """
    if OWN not in os.environ and (before := own_mounts()):
        command = [*before, sys.executable, "-m", module, *arguments]
        os.execvpe(command[0], command, os.environ | {OWN: "1"})


def own_mounts() -> list[str]:
    """The command before others that gives them a namespace of mounts; empty where none does."""
    with tempfile.TemporaryDirectory() as folder:
        for flags in ("-m", "-rm"):
            if _succeeds("unshare", flags, *_mount(Path(folder), "1m")):
                return ["unshare", flags]
    return []


def _mount(folder: Path, size: str) -> tuple[str, ...]:
    return "mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)


def _succeeds(*command: str) -> bool:
    try:
        return not subprocess.run(command, capture_output=True, check=False).returncode
    except OSError:
        return False
