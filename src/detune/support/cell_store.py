"""Cells that were computed ahead, by the process of another cell, until DVC asks for each.

To start a process and to make a model ready takes longer than many a cell. So the first cell of a
matrix that DVC runs computes all that DVC would run after it, and the others only move their files
from here. A cell is kept whole or not at all, and taken only while its inputs are as they were.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from detune.support.files import replacing

FOLDER = Path("data/.cells")
"""Below it one folder a cell, in one a stage; `cell.json` is in there when all of it is."""

CELL, FILES = "cell.json", "files"


@dataclass(frozen=True)
class Matrix:
    """The cells of a stage that DVC would run next, each by the arguments of its script.

    Attributes:
        stale: the cells.
        inputs: paths that a cell depends on.
    """

    stale: tuple[tuple[str, ...], ...]
    inputs: frozenset[str]


@dataclass(frozen=True)
class _Kept:
    """A cell that is usable: the folder of its files, and its closing line."""

    files: Path
    closing: str


def cell_folder(stage: str, cell: Sequence[str]) -> Path:
    """Where a cell is kept.

    Args:
        stage: the name of its matrix.
        cell: the arguments that name it.
    """
    return FOLDER / stage / "-".join(word.replace(os.sep, "_") for word in cell)


def keep_cell(
    stage: str, cell: Sequence[str], inputs: Iterable[str], compute: Callable[[Path], str]
) -> None:
    """Compute a cell and keep it, unless it is kept already.

    Args:
        stage: the name of its matrix.
        cell: the arguments that name it.
        inputs: files and folders that it depends on.
        compute: writes its files below a folder, as below the workspace; returns the closing line.

    Raises:
        OSError: a file cannot be written.
    """
    folder, paths = cell_folder(stage, cell), sorted(inputs)
    state = inputs_state(paths)
    if _read(folder) is not None:
        return
    # A name of its own: a machine that was given up may still write the same cell.
    files = f"{FILES}-{uuid.uuid4().hex}"
    (folder / files).mkdir(parents=True)
    closing = compute(folder / files)
    with replacing(folder / CELL) as temporary:
        content = {"inputs": paths, "state": state, "closing": closing, "folder": files}
        temporary.write_text(json.dumps(content | {"files": _digest(folder / files)}))


def take_cell(stage: str, cell: Sequence[str]) -> str | None:
    """Move the files of a kept cell to their places; return its closing line.

    Args:
        stage: the name of its matrix.
        cell: the arguments that name it.

    Returns:
        None where the cell is not kept, or its inputs have changed.

    Raises:
        OSError: a file cannot be moved.
    """
    folder = cell_folder(stage, cell)
    kept = _read(folder)
    if kept is not None:
        for path in sorted(kept.files.rglob("*")):
            if path.is_file():
                place = path.relative_to(kept.files)
                place.parent.mkdir(parents=True, exist_ok=True)
                path.replace(place)
    shutil.rmtree(folder, ignore_errors=True)
    return None if kept is None else kept.closing


def inputs_state(paths: Iterable[str]) -> str:
    """A digest of the names, sizes and times of all files at or below `paths`."""
    digest = hashlib.sha256()
    for path in map(Path, paths):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            # What Python compiles is no input, and comes into being while a stage runs.
            if file.is_file() and file.suffix != ".pyc":
                status = file.stat()
                digest.update(f"{file}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def _digest(folder: Path) -> str:
    """A digest of the names and bytes of all files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(folder: Path) -> _Kept | None:
    """The cell in `folder`, if it is there, intact, and of these inputs."""
    try:
        cell = json.loads((folder / CELL).read_text(encoding="utf-8"))
        files = folder / cell["folder"]
        intact = _digest(files) == cell["files"]
        usable = intact and inputs_state(cell["inputs"]) == cell["state"]
        return _Kept(files, str(cell["closing"])) if usable else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
