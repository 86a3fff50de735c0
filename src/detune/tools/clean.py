"""Remove what runs that were killed left behind; `make clean`. Results and caches stay."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from filelock import FileLock, Timeout

from detune.ingest.source import UNPACKED
from detune.support.atomic_outputs import remove
from detune.support.cell_store import FOLDER as CELLS
from detune.support.errors import UserError
from detune.support.stage_lock import FOLDER

RESULTS = ("data", "metrics", "plots", "report")
LEFTOVERS = (".*.writing.*", UNPACKED, CELLS.name)
"""Names of files and folders that are only there while a stage writes or unpacks."""


def clean(folder: Path) -> list[Path]:
    """Remove the leftovers below the results of the project in `folder`; return their paths.

    Raises:
        UserError: a stage runs there.
    """
    for path in sorted((folder / FOLDER).glob("*.lock")):
        try:
            FileLock(path).acquire(timeout=0).lock.release()
        except Timeout as error:
            raise UserError(f"{path.stem} runs: let it finish first") from error
    found = [
        path
        for name in RESULTS
        for pattern in LEFTOVERS
        for path in sorted((folder / name).rglob(pattern))
    ]
    for path in found:
        remove(path)
    return found


if __name__ == "__main__":
    argparse.ArgumentParser(
        prog=f"python -m {__spec__.name}", description="Remove what killed runs left behind."
    ).parse_args()
    try:
        removed = clean(Path())
    except UserError as error:
        sys.exit(f"clean: error: {error}")
    print("\n".join(["clean: removed", *map(str, removed)]) if removed else "clean: nothing to do")
