"""A disk that is full after some bytes of one file."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any

import pytest


class _FullFile(io.FileIO):
    """A file that takes `room` bytes and no more."""

    room = 0

    def write(self, block: Any) -> int:
        content = memoryview(block).cast("B")
        taken = super().write(content[: self.room])
        self.room -= taken
        if taken < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.name)
        return taken


def fill(monkeypatch: pytest.MonkeyPatch, name: str, room: int) -> None:
    """Let files called `name` take `room` bytes when they are opened to be written."""
    usual = Path.open

    def opened(path: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if path.name != name or mode in ("r", "rb"):
            return usual(path, mode, *rest, **more)
        file = _FullFile(path, mode)
        file.room = room
        return file

    monkeypatch.setattr(Path, "open", opened)
