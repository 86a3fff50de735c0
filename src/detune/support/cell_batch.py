"""One process computes a cell, and at once all others of its matrix that DVC would run next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from detune.support.cell_store import Matrix, keep_cell, take_cell
from detune.support.errors import UserError

Compute = Callable[..., str]
"""From the arguments that name a cell, and the folder to write below, to the closing line."""


def compute_cells(stage: str, own: Sequence[str], matrix: Matrix, compute: Compute) -> str:
    """Compute the cell `own` and those that are stale beside it; return the closing line of `own`.

    All of them are kept until DVC asks for them, so a kill costs no more than one cell. A mistake
    in another cell is left for its own process to tell.

    Args:
        stage: the name of the matrix.
        own: the arguments that name the cell that was asked for.
        matrix: what DVC would run.
        compute: computes one cell.

    Raises:
        UserError: of `own`.
        OSError: a file of `own` cannot be written.
    """
    if not matrix.stale:
        return compute(*own, Path())
    keep_cell(stage, own, matrix.inputs, partial(compute, *own))
    for cell in matrix.stale:
        try:
            keep_cell(stage, cell, matrix.inputs, partial(compute, *cell))
        except (UserError, OSError):
            break
    closing = take_cell(stage, own)
    # None where the inputs were changed by hand meanwhile.
    return compute(*own, Path()) if closing is None else closing
