"""Heatmaps that an earlier run has computed, found again by all that they depend on.

An added epsilon reruns the study of attention, whose tables are of all cells; what it has computed
for the other cells is still true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from detune.gradcam.attention import Attention
from detune.network.checkpoint import Checkpoint, digest, made_by

CODE = ("detune.gradcam.gradcam", "detune.train.network")
"""Modules that decide, with all that they import, what heatmaps become."""


class HeatmapCache:
    """A folder of files, one for each call; what is in them is used only where all is the same."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which need not exist."""
        self._folder = folder
        self._used: set[str] = set()
        self._origin = made_by(CODE)

    def get_or_compute(
        self, parts: Iterable[np.ndarray | str], compute: Callable[[], Attention]
    ) -> Attention:
        """The kept result of `compute` for the same `parts`, or a new one, which is kept.

        Args:
            parts: weights, segments and whatever else the result depends on, in a fixed order.
            compute: computes it.

        Raises:
            OSError: the result can't be kept.
        """
        key = digest([self._origin, *parts])
        self._used.add(f"{key}.npz")
        file = Checkpoint(self._folder / f"{key}.npz", key)
        if (kept := file.load()) is not None:
            return Attention(**kept)
        computed = compute()
        file.save(vars(computed))
        return computed

    def prune(self) -> None:
        """Remove what was not used through this object."""
        for path in self._folder.glob("*.npz"):
            if path.name not in self._used:
                path.unlink()
