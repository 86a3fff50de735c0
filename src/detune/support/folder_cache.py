"""A folder of results that an earlier run made from the same: copied instead of made again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path


def fill_from_cache(folder: Path, kept: Path, key: str, make: Callable[[], None]) -> None:
    """Fill `folder`, by copying what was kept under `key`, or by `make`; then keep only that.

    Args:
        folder: gets the files; it need not exist.
        kept: where earlier results lie, one folder a key.
        key: a digest of all that the files come from.
        make: writes them to `folder`.

    Raises:
        OSError: a file cannot be written.
    """
    if (kept / key).is_dir():
        shutil.copytree(kept / key, folder, dirs_exist_ok=True)
        return
    make()
    # Whole or not at all: a killed run leaves a folder that no key names.
    unfinished = kept / "unfinished"
    shutil.rmtree(kept, ignore_errors=True)
    if folder.is_dir():
        shutil.copytree(folder, unfinished)
        unfinished.rename(kept / key)
