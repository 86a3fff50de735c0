"""Empty folders among the results, which a refused value may leave."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def remove_empty_folders(folder: Path) -> None:
    """Remove the folders in `folder` that have no file in them, at any depth; it need not exist.

    One that may not be removed stays: it does no harm.
    """
    for path, _, _ in os.walk(folder, topdown=False):
        if Path(path) != folder:
            with suppress(OSError):  # that it is not empty, among others
                Path(path).rmdir()
