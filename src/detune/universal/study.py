"""How many test segments one perturbation a genre turns, and what controls turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.example_selection import draw_right
from detune.collection.dataset import Split
from detune.network.model_file import predict_logits
from detune.network.runtime import keras
from detune.statistics.bootstrap import Bootstrap
from detune.support.errors import UserError
from detune.support.progress import progress_bar
from detune.universal.perturbation import add, find_universal

KINDS = ("own", "random_signs", "permuted", "other_genres")
"""The genre's own perturbation; one of random signs, as large; its own values at other places; and
the mean over the perturbations of all other genres."""

ALL = "all"
"""Stands for all genres in the table."""

DIFFERENCES = tuple(f"{end}_beyond_others" for end in ("own", "own_low", "own_high"))
COLUMNS = (
    *("epsilon", "genre", "training_segments", "turned_training", "segments", "songs"),
    *(f"{kind}{end}" for kind in KINDS for end in ("", "_low", "_high")),
    *("beyond_others", "beyond_others_low", "beyond_others_high"),
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Material:
    """Segments that a model has right when clean.

    Attributes:
        values: `(n, 128, 130)`.
        labels: `(n,)`.
        tracks: the track of each.
    """

    values: np.ndarray
    labels: np.ndarray
    tracks: Sequence[str]

    def of(self, label: int) -> Material:
        """Those of one genre."""
        return self.at(np.flatnonzero(self.labels == label))

    def at(self, rows: np.ndarray) -> Material:
        """Those in some rows."""
        return Material(self.values[rows], self.labels[rows], [self.tracks[row] for row in rows])


def right_segments(model: keras.Model, split: Split) -> Material:
    """The segments of a split that `model` has right.

    Raises:
        UserError: there are none.
    """
    right = predict_logits(model, split.values).argmax(axis=1) == split.labels
    if not right.any():
        raise UserError("universal: no segment is right, so there is none to turn: train a model")
    return Material(split.values, split.labels, split.tracks).at(np.flatnonzero(right))


class Study:
    """One perturbation a genre, made on training segments, judged on test segments."""

    def __init__(
        self, model: keras.Model, train: Split, test: Split, *, segments: int, seed: int
    ) -> None:
        """Choose the segments.

        Args:
            model: from segments to logits.
            train: where perturbations are made.
            test: where they are judged.
            segments: training segments a genre, at most, drawn evenly from its songs.
            seed: of the draws, the controls and the intervals.

        Raises:
            UserError: no segment is right.
        """
        self._model, self._genres, self._seed = model, test.genres, seed
        self._classifier = CompiledClassifier(model, loss="margin")
        self._test = right_segments(model, test)
        known = right_segments(model, train)
        self._train = {}
        for label in range(len(self._genres)):
            own = known.of(label)
            rows = draw_right(own.labels, own.labels, own.tracks, segments, seed)
            self._train[label] = own.at(rows)

    def rows(self, epsilon: float, steps: int) -> list[Row]:
        """Rows of `COLUMNS`: a genre each, and all of them together with intervals over songs.

        Genres without a right segment in both splits have no row.

        Args:
            epsilon: L-infinity radius.
            steps: gradient steps of each perturbation.
        """
        labels = [label for label, own in self._train.items() if len(own.labels)]
        with progress_bar(f"universal {epsilon:g}", "genres", len(labels)) as bar:
            made = {}
            for label in labels:
                own = self._train[label]
                made[label] = find_universal(
                    self._classifier, own.values, own.labels, epsilon, steps
                )
                bar.update()
        judged = {label: self._judge(label, made, epsilon) for label in labels}
        rows = [self._row(label, made, turned, epsilon) for label, turned in judged.items()]
        rows = [row for row in rows if row["segments"]]
        return [*rows, self._together(rows, list(judged.values()), epsilon)]

    def _judge(
        self, label: int, made: dict[int, np.ndarray], epsilon: float
    ) -> dict[str, np.ndarray]:
        """Of each right test segment of a genre whether each kind of perturbation turns it."""
        random = np.random.default_rng([self._seed, label])
        own = made[label]
        others = [self._turned(label, made[other]) for other in made if other != label]
        signs = random.choice(np.array([-epsilon, epsilon], np.float32), own.shape)
        return {
            "own": self._turned(label, own),
            "random_signs": self._turned(label, signs),
            "permuted": self._turned(label, random.permutation(own.ravel()).reshape(own.shape)),
            "other_genres": np.mean(others, axis=0) if others else np.zeros(len(own), float),
        }

    def _turned(self, label: int, perturbation: np.ndarray) -> np.ndarray:
        """Which right test segments of a genre are wrong with a perturbation, `(n,)` of 0 and 1."""
        own = self._test.of(label)
        if not len(own.labels):
            return np.zeros(0)
        logits = predict_logits(self._model, add(perturbation, own.values))
        return np.asarray(logits.argmax(axis=1) != own.labels, dtype=float)
