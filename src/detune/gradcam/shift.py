"""How far attention moves: heatmaps of the clean segments against those of changed ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.collection.dataset import Split
from detune.estimates import estimate
from detune.gradcam.controls import mean_by_row, unrelated_pairs
from detune.gradcam.gradcam import PREDICTED, GradCam
from detune.gradcam.measures import MEASURES, compare
from detune.gradcam.target import PREDICTED_GENRE, fixed_targets
from detune.noise import signed_noise

ATTACK, SAME_GENRE, NEW_GENRE = "attack", "same genre", "new genre"
NOISE, UNRELATED, RETRAINED = "noise", "unrelated", "retrained"
"""What is compared, by the name it has in tables.

attack: the segment before and after the attack, each about the genre that it is taken for.
same genre: the segment before and after the attack, both about the genre before.
new genre: the clean segment about the genre before and about the genre after the attack.
noise: the segment before and after random signs of size epsilon.
unrelated: the clean segment and clean ones of other genres: as far as heatmaps get apart.
retrained: the clean segment and itself under dense layers learnt anew: the same model.
"""

EVERY, FLIPPED, UNFLIPPED = "all", "flipped", "not flipped"
TABLE_COLUMNS = (
    *("comparison", "method", "epsilon", "group", "measure"),
    *("segments", "songs", "value", "low", "high"),
)
PARTNERS = 10
"""Segments of other genres that each one is paired with."""


@dataclass(frozen=True)
class CleanHeatmaps:
    """Heatmaps of the n test segments as they are, about every genre.

    Attributes:
        heatmaps: `(n, genres, height, width)`.
        predictions: `(n,)`.
        fixed: `(n,)` the genre that is asked about whatever is predicted, or None where it is
            the predicted one.
    """

    heatmaps: np.ndarray
    predictions: np.ndarray
    fixed: np.ndarray | None = None

    @property
    def about(self) -> np.ndarray:
        """The genre that each segment, as it is, is asked about, `(n,)`."""
        return self.predictions if self.fixed is None else self.fixed

    def aim(self, rows: np.ndarray, predictions: np.ndarray | int) -> np.ndarray:
        """What `rows` `(m,)` are asked about where they are taken for `predictions`."""
        asked = predictions if self.fixed is None else self.fixed[rows]
        return np.broadcast_to(asked, rows.shape)

    @property
    def own(self) -> np.ndarray:
        """Heatmaps of all segments, each about the genre that is asked about."""
        return np.asarray(self.heatmaps[np.arange(len(self.about)), self.about])


@dataclass(frozen=True)
class Comparison:
    """Pairs of heatmaps, measured.

    Attributes:
        kind: what was compared, `ATTACK` to `RETRAINED`.
        values: by measure, `(n,)` one for each test segment, NaN where it was not compared.
        flipped: `(n,)` whether the prediction changed.
        method: the attack, or empty.
        epsilon: its size, or None.
        empty: how many of the heatmaps after the change are all zero.
    """

    kind: str
    values: Mapping[str, np.ndarray]
    flipped: np.ndarray
    method: str = ""
    epsilon: float | None = None
    empty: int = 0

    def groups(self) -> dict[str, np.ndarray]:
        """Which segments each group of rows of the table is about, `(n,)` bool by name."""
        if self.kind in (SAME_GENRE, NEW_GENRE):
            # Without a flip the question stays the same anyway.
            return {FLIPPED: self.flipped}
        everyone = {EVERY: np.ones_like(self.flipped)}
        flips = {FLIPPED: self.flipped, UNFLIPPED: ~self.flipped}
        return everyone | flips if self.kind == ATTACK else everyone


def explain_clean(cam: GradCam, test: Split, target: str = PREDICTED_GENRE) -> CleanHeatmaps:
    """Heatmaps of all test segments about all genres; `target` is what is asked about."""
    fixed = fixed_targets(target, test.labels, test.genres)
    genres = np.tile(np.arange(len(test.genres)), (len(test.values), 1))
    attention = cam.explain(test.values, genres)
    return CleanHeatmaps(attention.heatmaps, attention.logits.argmax(axis=1), fixed)


def compare_attack(
    cam: GradCam,
    test: Split,
    clean: CleanHeatmaps,
    cell: tuple[str, float],
    arrays: Mapping[str, np.ndarray],
) -> tuple[list[Comparison], np.ndarray]:
    """What an attack did to the attention on those segments that it changed.

    Args:
        cam: Grad-CAM of the attacked model.
        test: the test split.
        clean: its heatmaps.
        cell: method and epsilon.
        arrays: the cell's file.

    Returns:
        The comparisons, and the heatmaps `(n, height, width)` of all test segments, the clean one
        where nothing was changed.
    """
    changed = (arrays["adversarial"] != test.values[arrays["row"]]).any(axis=(1, 2))
    rows, found = arrays["row"][changed], arrays["adversarial_prediction"][changed]
    before, after = clean.about[rows], clean.aim(rows, found)
    attacked = cam.explain(arrays["adversarial"][changed], np.stack([after, before], axis=1))
    others = {
        ATTACK: attacked.heatmaps[:, 0],
        SAME_GENRE: attacked.heatmaps[:, 1],
        NEW_GENRE: clean.heatmaps[rows, after],
    }
    flipped = _spread(rows, found != clean.predictions[rows], np.zeros(len(test.labels), bool))
    compared = [
        Comparison(kind, _measured(clean, rows, other), flipped, *cell, _empty(other))
        for kind, other in others.items()
    ]
    return compared, _spread(rows, others[ATTACK], clean.own)


def compare_noise(
    cam: GradCam, test: Split, clean: CleanHeatmaps, rows: np.ndarray, epsilon: float, *, seed: int
) -> Comparison:
    """What random signs of size `epsilon` do to the attention on `rows` of the test segments."""
    noisy = signed_noise(test.values[rows], epsilon, [(seed, int(row)) for row in rows])
    attention = cam.explain(noisy, clean.aim(rows, PREDICTED))
    changed = attention.logits.argmax(axis=1) != clean.predictions[rows]
    flipped = _spread(rows, changed, np.zeros(len(test.labels), bool))
    values = _measured(clean, rows, attention.heatmaps)
    return Comparison(NOISE, values, flipped, "", epsilon, _empty(attention.heatmaps))


def compare_unrelated(test: Split, clean: CleanHeatmaps, *, seed: int) -> Comparison:
    """How far apart heatmaps of segments of different genres are, the mean of each segment's."""
    pairs = unrelated_pairs(test.labels, PARTNERS, seed)
    found = compare(clean.own[pairs[:, 0]], clean.own[pairs[:, 1]])
    count = len(test.labels)
    values = {name: mean_by_row(each, pairs[:, 0], count) for name, each in found.items()}
    return Comparison(UNRELATED, values, np.zeros(count, dtype=bool))


def compare_retrained(
    retrained: GradCam, test: Split, clean: CleanHeatmaps
) -> tuple[Comparison, float]:
    """How far apart heatmaps of the same segment are under another head of the same network.

    Returns:
        The comparison, and the share of the test segments that the other head gets right.
    """
    attention = retrained.explain(test.values, clean.about)
    values = compare(clean.own, attention.heatmaps)
    found = attention.logits.argmax(axis=1)
    right = float((found == test.labels).mean())
    flipped = found != clean.predictions
    return Comparison(RETRAINED, values, flipped, empty=_empty(attention.heatmaps)), right


def table(
    comparisons: Iterable[Comparison], tracks: Sequence[str], *, seed: int
) -> Iterator[dict[str, Any]]:
    """Rows of `TABLE_COLUMNS`: every measure of every comparison with its 95 % interval.

    Args:
        comparisons: what was compared.
        tracks: the track of each test segment.
        seed: of the bootstrap over songs.
    """
    for item in comparisons:
        for group, members in item.groups().items():
            for measure in MEASURES:
                values = np.where(members, item.values[measure], np.nan)
                found = estimate(values, tracks, seed=seed)
                if found is not None:
                    yield {
                        "comparison": item.kind,
                        "method": item.method,
                        "epsilon": "" if item.epsilon is None else item.epsilon,
                        "group": group,
                        "measure": measure,
                    } | vars(found)


def _measured(clean: CleanHeatmaps, rows: np.ndarray, others: np.ndarray) -> dict[str, np.ndarray]:
    """`others` `(m, height, width)` against the clean heatmaps of `rows`, NaN for other rows."""
    unknown = np.full(len(clean.about), np.nan)
    found = compare(clean.own[rows], others)
    return {name: _spread(rows, values, unknown) for name, values in found.items()}


def _spread(rows: np.ndarray, values: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """A copy of `onto` with `values` at `rows`."""
    result = onto.copy()
    result[rows] = values
    return result


def _empty(heatmaps: np.ndarray) -> int:
    """How many heatmaps are all zero."""
    return int((~heatmaps.any(axis=(-2, -1))).sum())
