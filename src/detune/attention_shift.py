"""How far attention moves: heatmaps of the clean segments against those of changed ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.attention_controls import mean_by_row, signed_noise, unrelated_pairs
from detune.attention_measures import MEASURES, compare
from detune.dataset import Split
from detune.estimates import estimate
from detune.gradcam import PREDICTED, GradCam

ATTACK, SAME_GENRE, NEW_GENRE = "attack", "same genre", "new genre"
NOISE, UNRELATED, RETRAINED = "noise", "unrelated", "retrained"
COMPARISONS = {
    ATTACK: "the segment before and after the attack, each about the genre it is taken for",
    SAME_GENRE: "the segment before and after the attack, both about the genre before",
    NEW_GENRE: "the clean segment about the genre before and about the genre after the attack",
    NOISE: "the segment before and after random signs of size epsilon",
    UNRELATED: "the clean segment and clean ones of other genres: as far as heatmaps get apart",
    RETRAINED: "the clean segment and itself under dense layers learnt anew: the same model",
}
"""What is compared, by the name it has in tables."""

EVERY, FLIPPED, UNFLIPPED = "all", "flipped", "not flipped"
TABLE_COLUMNS = (
    *("comparison", "method", "epsilon", "group", "measure"),
    *("segments", "songs", "value", "low", "high"),
)
PARTNERS = 10
"""Segments of other genres that each one is paired with."""

Aim = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Which genre heatmaps are about, from predicted and true labels `(n,)`."""


@dataclass(frozen=True)
class Clean:
    """Heatmaps of the n test segments as they are, about every genre.

    Attributes:
        heatmaps: `(n, genres, height, width)`.
        predictions: `(n,)`.
        about: `(n,)` the genre that is asked about.
    """

    heatmaps: np.ndarray
    predictions: np.ndarray
    about: np.ndarray

    def of(self, rows: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Heatmaps of `rows` `(m,)` about `targets` `(m,)`."""
        return np.asarray(self.heatmaps[rows, targets])

    @property
    def own(self) -> np.ndarray:
        """Heatmaps of all segments, each about the genre that is asked about."""
        return self.of(np.arange(len(self.about)), self.about)


@dataclass(frozen=True)
class Comparison:
    """Pairs of heatmaps, measured.

    Attributes:
        kind: a key of `COMPARISONS`.
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
        everyone = np.ones_like(self.flipped)
        if self.kind == ATTACK:
            return {EVERY: everyone, FLIPPED: self.flipped, UNFLIPPED: ~self.flipped}
        return {EVERY: everyone} if self.kind not in (SAME_GENRE, NEW_GENRE) else {
            FLIPPED: self.flipped
        }


def explain_clean(cam: GradCam, test: Split, aim: Aim) -> Clean:
    """Heatmaps of all test segments about all genres."""
    genres = np.tile(np.arange(len(test.genres)), (len(test.values), 1))
    attention = cam.explain(test.values, genres)
    predictions = attention.logits.argmax(axis=1)
    return Clean(attention.heatmaps, predictions, aim(predictions, test.labels))


def compare_attack(
    cam: GradCam,
    test: Split,
    clean: Clean,
    cell: tuple[str, float],
    arrays: Mapping[str, np.ndarray],
    aim: Aim,
) -> list[Comparison]:
    """What an attack did to the attention on those segments that it changed.

    Args:
        cam: Grad-CAM of the attacked model.
        test: the test split.
        clean: its heatmaps.
        cell: method and epsilon.
        arrays: the cell's file.
        aim: which genre heatmaps are about.
    """
    changed = (arrays["adversarial"] != test.values[arrays["row"]]).any(axis=(1, 2))
    rows, found = arrays["row"][changed], arrays["adversarial_prediction"][changed]
    before, after = clean.about[rows], aim(found, test.labels[rows])
    attacked = cam.explain(arrays["adversarial"][changed], np.stack([after, before], axis=1))
    flipped = np.zeros(len(test.labels), dtype=bool)
    flipped[rows] = found != clean.predictions[rows]
    others = {
        ATTACK: attacked.heatmaps[:, 0],
        SAME_GENRE: attacked.heatmaps[:, 1],
        NEW_GENRE: clean.of(rows, after),
    }
    return [
        Comparison(
            kind, _measured(clean, rows, other), flipped, *cell, int(_empty(other).sum())
        )
        for kind, other in others.items()
    ]


def compare_noise(
    cam: GradCam,
    test: Split,
    clean: Clean,
    rows: np.ndarray,
    epsilon: float,
    aim: Aim,
    *,
    seed: int,
) -> Comparison:
    """What random signs of size `epsilon` do to the attention on `rows` of the test segments."""
    noisy = signed_noise(test.values[rows], epsilon, rows, seed)
    about = np.full((len(rows), 1), PREDICTED)
    if not np.array_equal(clean.about, clean.predictions):
        about = aim(clean.predictions, test.labels)[rows, None]
    attention = cam.explain(noisy, about)
    flipped = np.zeros(len(test.labels), dtype=bool)
    flipped[rows] = attention.logits.argmax(axis=1) != clean.predictions[rows]
    heatmaps = attention.heatmaps[:, 0]
    empty = int(_empty(heatmaps).sum())
    return Comparison(NOISE, _measured(clean, rows, heatmaps), flipped, "", epsilon, empty)


def compare_unrelated(test: Split, clean: Clean, *, seed: int) -> Comparison:
    """How far apart heatmaps of segments of different genres are, the mean of each segment's."""
    pairs = unrelated_pairs(test.labels, PARTNERS, seed)
    found = compare(clean.own[pairs[:, 0]], clean.own[pairs[:, 1]])
    count = len(test.labels)
    values = {name: mean_by_row(each, pairs[:, 0], count) for name, each in found.items()}
    return Comparison(UNRELATED, values, np.zeros(count, dtype=bool))


def compare_retrained(retrained: GradCam, test: Split, clean: Clean) -> tuple[Comparison, float]:
    """How far apart heatmaps of the same segment are under another head of the same network.

    Returns:
        The comparison, and the share of the test segments that the other head gets right.
    """
    attention = retrained.explain(test.values, clean.about)
    values = compare(clean.own, attention.heatmaps)
    found = attention.logits.argmax(axis=1)
    right = float((found == test.labels).mean())
    empty = int(_empty(attention.heatmaps).sum())
    return Comparison(RETRAINED, values, found != clean.predictions, empty=empty), right


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


def _measured(clean: Clean, rows: np.ndarray, others: np.ndarray) -> dict[str, np.ndarray]:
    """`others` `(m, height, width)` against the clean heatmaps of `rows`, spread over all rows."""
    found = compare(clean.of(rows, clean.about[rows]), others)
    values = {}
    for name, each in found.items():
        values[name] = np.full(len(clean.about), np.nan)
        values[name][rows] = each
    return values


def _empty(heatmaps: np.ndarray) -> np.ndarray:
    return np.asarray(~heatmaps.any(axis=(-2, -1)))
