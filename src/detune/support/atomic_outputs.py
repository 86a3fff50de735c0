"""Outputs that change together: all take their places at the end, or every earlier one stays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

FOLDER = ".folder"
"""Ends the temporary name of a path without an ending, so that git passes over it as over files."""


@contextmanager
def atomic_outputs(*paths: Path) -> Iterator[Sequence[Path]]:
    """Yield a temporary path beside each of `paths`, which takes its place when the block succeeds.

    Files and folders alike. Nothing is written through a path: where it is a link, or shares its
    bytes with another file, that one stays. What a killed run left behind is removed first.

    Args:
        paths: what the block makes, each in a folder of its project.

    Raises:
        OSError: the disk is full or a folder not writable; it names one of `paths`.
    """
    temporary = [path.with_name(f".{path.stem}.writing{path.suffix or FOLDER}") for path in paths]
    earlier = [path.with_name(f".{path.stem}.earlier.writing{path.suffix}") for path in temporary]
    for path in (*temporary, *earlier):
        path.parent.mkdir(parents=True, exist_ok=True)
        remove(path)
    try:
        yield temporary
        _exchange(paths, temporary, earlier)
    except OSError as error:
        named = _final(error.filename, paths, temporary)
        if named is None:
            raise
        raise OSError(error.errno, error.strerror, named) from error
    finally:
        for path in (*temporary, *earlier):
            remove(path)


def _exchange(paths: Sequence[Path], made: Sequence[Path], earlier: Sequence[Path]) -> None:
    """Rename `paths` to `earlier` and `made` to `paths`; where that fails, everything back."""
    moved: list[tuple[Path, Path]] = []
    try:
        for path, new, old in zip(paths, made, earlier, strict=True):
            if os.path.lexists(path):
                path.rename(old)
            moved.append((path, old))
            new.rename(path)
    except OSError:
        for path, old in moved:
            remove(path)
            if os.path.lexists(old):
                old.rename(path)
        raise


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _final(name: object, paths: Sequence[Path], temporary: Sequence[Path]) -> str | None:
    """`name` with the final path in place of the temporary one; None where it is no such name."""
    for path, made in zip(paths, temporary, strict=True):
        if name is not None and Path(str(name)).is_relative_to(made):
            return str(path / Path(str(name)).relative_to(made))
    return None
