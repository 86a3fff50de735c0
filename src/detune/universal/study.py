"""How many test segments one perturbation a genre turns, and what controls turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
"""The genre's own perturbation; one of random signs, as large; the own one with its values at other
places; and the mean over the perturbations of all other genres."""

BEYOND = "beyond_others"
"""By how much the own one exceeds those of other genres, segment by segment."""

ALL = "all"
"""Stands for all genres in the table."""

COLUMNS = (
    *("epsilon", "genre", "training_segments", "training_turned", "segments", "songs"),
    *(f"{name}{end}" for name in (*KINDS, BEYOND) for end in ("", "_low", "_high")),
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


@dataclass(frozen=True)
class Judged:
    """What perturbations did to n test segments of a genre.

    Attributes:
        genre: its name.
        tracks: the track of each segment.
        turned: `(n,)` by kind: whether the segment is wrong with it, or a share.
        training: training segments that the own perturbation was made on.
        training_turned: how many of them it turns.
    """

    genre: str
    tracks: Sequence[str]
    turned: Mapping[str, np.ndarray]
    training: int
    training_turned: int


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
            UserError: no segment of one of the splits is right.
        """
        self._model, self._genres, self._seed = model, test.genres, seed
        self._classifier = CompiledClassifier(model, loss="margin")
        known, heard = (_right_segments(model, split) for split in (train, test))
        self._train: dict[int, Material] = {}
        self._test: dict[int, Material] = {}
        for label in sorted(set(known.labels.tolist()) & set(heard.labels.tolist())):
            own = known.of(label)
            rows = draw_right(own.labels, own.labels, own.tracks, segments, seed)
            self._train[label], self._test[label] = own.at(rows), heard.of(label)

    def rows(self, epsilon: float, steps: int) -> list[Row]:
        """Rows of `COLUMNS`: all genres together, then each that has right segments in both splits.

        Args:
            epsilon: L-infinity radius.
            steps: gradient steps of each perturbation.
        """
        made = {}
        with progress_bar(f"universal {epsilon:g}", "genres", len(self._train)) as bar:
            for label, own in self._train.items():
                made[label] = find_universal(
                    self._classifier, own.values, own.labels, epsilon, steps
                )
                bar.update()
        judged = [self._judge(label, made, epsilon) for label in made]
        return [_row(part, epsilon, self._seed) for part in (_together(judged), *judged)]

    def _judge(self, label: int, made: Mapping[int, np.ndarray], epsilon: float) -> Judged:
        """What every kind of perturbation does to the test segments of a genre."""
        own, test, train = made[label], self._test[label], self._train[label]
        random = np.random.default_rng([self._seed, label])
        signs = random.choice(np.array([-epsilon, epsilon], np.float32), own.shape)
        permuted = random.permutation(own.ravel()).reshape(own.shape)
        others = [self._turned(test, made[other]) for other in made if other != label]
        turned = {
            "own": self._turned(test, own),
            "random_signs": self._turned(test, signs),
            "permuted": self._turned(test, permuted),
            "other_genres": np.mean(others, axis=0) if others else np.full(len(test.labels), 0.0),
        }
        count = int(self._turned(train, own).sum())
        return Judged(self._genres[label], test.tracks, turned, len(train.labels), count)

    def _turned(self, material: Material, perturbation: np.ndarray) -> np.ndarray:
        """Which segments are wrong with a perturbation, `(n,)` of 0 and 1."""
        logits = predict_logits(self._model, add(perturbation, material.values))
        return np.asarray(logits.argmax(axis=1) != material.labels, dtype=float)


def _right_segments(model: keras.Model, split: Split) -> Material:
    """The segments of a split that `model` has right."""
    right = predict_logits(model, split.values).argmax(axis=1) == split.labels
    if not right.any():
        raise UserError("universal: no segment is right, so there is none to turn: train a model")
    return Material(split.values, split.labels, split.tracks).at(np.flatnonzero(right))


def _together(judged: Sequence[Judged]) -> Judged:
    """All genres as one."""
    return Judged(
        ALL,
        [track for part in judged for track in part.tracks],
        {kind: np.concatenate([part.turned[kind] for part in judged]) for kind in KINDS},
        sum(part.training for part in judged),
        sum(part.training_turned for part in judged),
    )


def _row(judged: Judged, epsilon: float, seed: int) -> Row:
    """The row of a genre, or of all of them: shares with their intervals over songs."""
    bootstrap = Bootstrap(judged.tracks, seed)
    beyond = judged.turned["own"] - judged.turned["other_genres"]
    row: Row = {
        "epsilon": epsilon,
        "genre": judged.genre,
        "training_segments": judged.training,
        "training_turned": judged.training_turned / judged.training,
        "segments": len(judged.tracks),
        "songs": len(set(judged.tracks)),
    }
    for name, values in (*judged.turned.items(), (BEYOND, beyond)):
        row |= bootstrap.share(name, values)
    return row
