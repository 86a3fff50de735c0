"""The cells of a matrix that DVC would run next, computed by a cluster: one cell an item."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from detune.support.cell_batch import Compute
from detune.support.cell_store import Matrix, keep_cell, take_cell
from detune.support.errors import UserError
from detune.support.pool import Lost, isolated_map

LIMIT = "DETUNE_CELL_MINUTES"
"""The environment variable that says how long a cell may take on a cluster."""

USUAL_LIMIT = "60"
"""Minutes, where it says nothing."""


@dataclass
class Keeper:
    """Computes cells and keeps them; what cells share is prepared once a process.

    Attributes:
        stage: the name of the matrix.
        inputs: files and folders that a cell depends on.
        prepare: returns what computes one cell.
    """

    stage: str
    inputs: frozenset[str]
    prepare: Callable[[], Compute]
    _compute: Compute | None = field(default=None, init=False)

    def __call__(self, cell: Sequence[str]) -> None:
        """Compute the cell of these arguments, unless it is kept already."""
        keep_cell(self.stage, cell, self.inputs, partial(self._write, cell))

    def _write(self, cell: Sequence[str], folder: Path) -> str:
        if self._compute is None:
            self._compute = self.prepare()
        return self._compute(*cell, folder)


def spread_cells(
    stage: str, own: Sequence[str], matrix: Matrix, prepare: Callable[[], Compute]
) -> str:
    """Let a cluster compute the cell `own` and those that are stale beside it.

    As on one machine, all of them are kept until DVC asks for them, and what is wrong with another
    cell is left for its own process to tell.

    Args:
        stage: the name of the matrix.
        own: the arguments that name the cell that was asked for.
        matrix: what DVC would run.
        prepare: returns what computes one cell.

    Returns:
        The closing line of `own`.

    Raises:
        UserError: of `own`, or of the cluster.
        OSError: a file of `own` cannot be written.
    """
    cells = [tuple(own), *matrix.stale]
    keeper, seconds = Keeper(stage, matrix.inputs, prepare), _limit()
    with closing(
        isolated_map(keeper, cells, seconds=seconds, label=stage, unit="cells")
    ) as outcomes:
        if isinstance(lost := next(outcomes), Lost):
            raise UserError(
                f"{'-'.join(own)}: twice, this cell {lost.reason}: if it may take longer, set "
                f"{LIMIT}; then run `dvc repro` again"
            )
        with suppress(UserError, OSError):
            for _ in outcomes:
                pass
    closing_line = take_cell(stage, own)
    # None where the inputs were changed by hand meanwhile.
    return prepare()(*own, Path()) if closing_line is None else closing_line


def _limit() -> float:
    """How many seconds a cell may take.

    Raises:
        UserError: the variable holds no number of minutes.
    """
    minutes = os.environ.get(LIMIT, USUAL_LIMIT)
    with suppress(ValueError):
        if (seconds := 60 * float(minutes)) > 0:
            return seconds
    raise UserError(f"{LIMIT}: {minutes!r} is no number of minutes: set it to one, or unset it")
