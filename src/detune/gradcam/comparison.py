"""What heatmaps are compared with, and what is kept of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

ATTACK = "attack"
ORIGINAL = "target: original class"
ADVERSARIAL = "target: adversarial class"
FIRST_WRONG = "first wrong iterate, target: original class"
NOISE = "control: noise"
NOISE_ORIGINAL = "control: noise, target: original class"
OTHER_CLASSES = "control: other classes"
RETRAINED = "control: retrained head"
"""What is compared with the heatmap of the clean segment for its original class: the predicted
one, or the one that `gradcam.target` fixes.

attack: the attacked segment's, for the class predicted under attack.
target, original class: the attacked segment's, for the class predicted before the attack.
target, adversarial class: the clean segment's own, for the class that the attack leads to.
first wrong iterate: as `ORIGINAL`, of the first misclassified iterate instead of the last one.
control, noise: the segment's after a change as large as the attack's at each point, of random
    signs, for the class predicted after the change, or the original one.
control, other classes: those of clean segments of other classes: how different unrelated
    heatmaps are.
control, retrained head: the same segment's under dense layers that were trained again.
"""

EVERY, FLIPPED, UNFLIPPED = "all", "flipped", "not flipped"
TABLE_COLUMNS = (
    *("comparison", "method", "epsilon", "group", "measure"),
    *("segments", "songs", "value", "low", "high"),
)
SIZE_COLUMNS = (
    *("comparison", "method", "epsilon", "linf_mean", "rms_mean"),
    *("segments", "songs", "value", "low", "high"),
)
HEADLINE = "spearman"
"""The measure that pictures and sentences are about: how alike heatmaps are, 1 for the same."""


@dataclass(frozen=True)
class CleanHeatmaps:
    """Heatmaps of the n test segments as they are, for every class.

    Attributes:
        heatmaps: `(n, genres, height, width)`.
        predictions: `(n,)`.
        fixed: `(n,)` the target class whatever is predicted, or None where it is the predicted
            one.
    """

    heatmaps: np.ndarray
    predictions: np.ndarray
    fixed: np.ndarray | None = None

    @property
    def targets(self) -> np.ndarray:
        """The target class of each segment as it is, `(n,)`."""
        return self.predictions if self.fixed is None else self.fixed

    def targets_after(self, rows: np.ndarray, predictions: np.ndarray) -> np.ndarray:
        """The target classes of `rows` `(m,)` once they are taken for `predictions`."""
        return predictions if self.fixed is None else np.asarray(self.fixed[rows])

    @property
    def own(self) -> np.ndarray:
        """Heatmaps `(n, height, width)` of all segments, each for its target class."""
        return np.asarray(self.heatmaps[np.arange(len(self.targets)), self.targets])


@dataclass(frozen=True)
class Comparison:
    """Pairs of heatmaps, measured.

    Attributes:
        kind: what was compared, `ATTACK` to `RETRAINED`.
        values: by measure, `(n,)` one for each test segment, NaN where it was not compared.
        flipped: `(n,)` whether the prediction changed.
        method: the attack, or empty.
        epsilon: its size, or None.
        sizes: how large the change of each segment really is, `linf` and `rms`, `(n,)` each, NaN
            where it was not compared; empty where nothing was changed.
        empty: how many of the heatmaps after the change are all zero.
    """

    kind: str
    values: Mapping[str, np.ndarray]
    flipped: np.ndarray
    method: str = ""
    epsilon: float | None = None
    sizes: Mapping[str, np.ndarray] = field(default_factory=dict)
    empty: int = 0

    def groups(self) -> dict[str, np.ndarray]:
        """Which segments each group of rows of the table is about, `(n,)` bool by name."""
        if self.kind == ADVERSARIAL:
            # Without a flip it is the same class as before.
            return {FLIPPED: self.flipped}
        everyone = {EVERY: np.ones_like(self.flipped)}
        flips = {FLIPPED: self.flipped, UNFLIPPED: ~self.flipped}
        return everyone | flips if self.kind in (ATTACK, ORIGINAL) else everyone
