"""Files of earlier runs that the present one does not ask for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def remove_outside(cells: Iterable[Path], *folders: Path) -> None:
    """Remove files that are named like none of `cells`, so that no review counts them."""
    kept = {path.stem for path in cells}
    for folder in folders:
        for path in folder.iterdir():
            if path.suffix in (".npz", ".json") and path.stem not in kept:
                path.unlink()
