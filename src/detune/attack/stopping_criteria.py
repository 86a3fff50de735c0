"""When an attack is done with a segment: misclassified, its song misclassified, or all steps taken.

Iterates of a segment are the same whichever question is asked of them; so several criteria watch
one run, and a segment leaves it when none of them needs it any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from detune.attack.stall_detection import StallDetector
from detune.statistics.scores import cross_entropies, margins, mean_probabilities

NewDetector = Callable[[int], StallDetector]
"""Makes the early stopping of so many items."""

UnsureOf = Callable[[np.ndarray], np.ndarray]
"""Tells which margins `(n,)` of the gradient model leave open what the saved model says."""


Stalled = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""As `StallDetector.stalled`."""


def never(items: np.ndarray, taken: np.ndarray, now: np.ndarray) -> np.ndarray:
    """No early stopping: none of `items` has stalled, `(n,)` bool."""
    return np.zeros(len(items), dtype=bool)


def vote_margins(votes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """By how much the true genre leads a song's soft vote, `(songs,)`; negative if fooled.

    In logarithms of mean probabilities, which fall under attack about as evenly as logits do.

    Args:
        votes: mean probabilities `(songs, genres)`.
        labels: true labels `(songs,)`.
    """
    return margins(np.log(np.maximum(votes, np.finfo(np.float64).tiny)), labels)


class Criterion(Protocol):
    """Watches the iterates of a run, and says which segments must go on."""

    def begin(self, detector: NewDetector) -> None:
        """Begin an attempt."""

    def needs(self, rows: np.ndarray) -> np.ndarray:
        """Which of `rows` must go on, `(n,)` bool."""

    def unsure(self, rows: np.ndarray, logits: np.ndarray, unsure_of: UnsureOf) -> np.ndarray:
        """Of which of `rows` the saved model must be asked, `(n,)` bool: where rounding decides."""

    def observe(
        self, rows: np.ndarray, taken: np.ndarray, logits: np.ndarray, iterates: np.ndarray
    ) -> None:
        """Record what the model says of the iterates of `rows` after `taken` steps."""


class Misclassified:
    """A segment is done at its first misclassified iterate, or once it has stalled.

    Attributes:
        wrong: `(n,)` whether a misclassified iterate was seen.
        first_wrong: `(n, …)` that iterate; the last one seen where there is none.
        steps: `(n,)` steps to it, -1 where there is none.
    """

    def __init__(self, x: np.ndarray, labels: np.ndarray, wrong: np.ndarray) -> None:
        """Prepare the record.

        Args:
            x: the segments.
            labels: true labels `(n,)`.
            wrong: `(n,)` which are misclassified before any attack: none of their iterates counts.
        """
        self._labels = labels
        self._open = ~wrong
        self._stalled: Stalled = never
        self.wrong = wrong.copy()
        self.first_wrong = x.copy()
        self.steps = np.where(wrong, 0, -1)

    def begin(self, detector: NewDetector) -> None:
        """Begin an attempt on those that are not misclassified yet."""
        self._open = ~self.wrong
        self._stalled = detector(len(self.wrong)).stalled

    def needs(self, rows: np.ndarray) -> np.ndarray:
        """Which of `rows` must go on, `(n,)` bool."""
        return np.asarray(self._open[rows])

    def unsure(self, rows: np.ndarray, logits: np.ndarray, unsure_of: UnsureOf) -> np.ndarray:
        """Of which of `rows` the saved model must be asked, `(n,)` bool: where rounding decides."""
        return np.asarray(~self.wrong[rows] & unsure_of(margins(logits, self._labels[rows])))

    def observe(
        self, rows: np.ndarray, taken: np.ndarray, logits: np.ndarray, iterates: np.ndarray
    ) -> None:
        """Record what the model says of the iterates of `rows` after `taken` steps."""
        now = margins(logits, self._labels[rows])
        right = ~self.wrong[rows]
        self.first_wrong[rows[right]] = iterates[right]
        # A tie is decided as predictions are; what is not a number is no right answer.
        fell = right & (~(now >= 0) | (logits.argmax(axis=1) != self._labels[rows]))
        self.wrong[rows[fell]] = True
        self.steps[rows[fell]] = taken[fell]
        # A stalled segment is still recorded while another criterion keeps it in the run.
        self._open[rows[fell | self._stalled(rows, taken, now)]] = False


class SongMisclassified:
    """A song is done when the soft vote over its segments' iterates is wrong, or has stalled.

    Attributes:
        predictions: `(songs,)` the first wrong vote, or the last one.
    """

    def __init__(self, songs: np.ndarray, labels: np.ndarray, logits: np.ndarray) -> None:
        """Prepare the record.

        Args:
            songs: `(n,)` which song each segment belongs to, numbered from 0.
            labels: true labels of the segments `(n,)`.
            logits: `(n, genres)` of the segments before any attack.
        """
        self._songs = songs
        count = int(songs.max(initial=-1)) + 1
        self._labels = np.zeros(count, dtype=np.int64)
        self._labels[songs] = labels
        self._open = np.ones(count, dtype=bool)
        self._stalled: Stalled = never
        self.predictions = self._votes(np.arange(len(songs)), logits)[1].argmax(axis=1)
        self._open = self.predictions == self._labels

    def begin(self, detector: NewDetector) -> None:
        """Begin an attempt on those whose vote is still right."""
        self._open = self.predictions == self._labels
        self._stalled = detector(len(self._labels)).stalled

    def needs(self, rows: np.ndarray) -> np.ndarray:
        """Which of `rows` must go on, `(n,)` bool: all of a song, or none."""
        return np.asarray(self._open[self._songs[rows]])

    def unsure(self, rows: np.ndarray, logits: np.ndarray, unsure_of: UnsureOf) -> np.ndarray:
        """Of which of `rows` the saved model must be asked: songs where rounding decides."""
        songs, votes = self._votes(rows, logits)
        # Rounding can change both sides of the ratio, so the error is twice that of a margin.
        unsure = songs[unsure_of(vote_margins(votes, self._labels[songs]) / 2)]
        return np.isin(self._songs[rows], unsure)

    def observe(
        self, rows: np.ndarray, taken: np.ndarray, logits: np.ndarray, iterates: np.ndarray
    ) -> None:
        """Record what the model says of the iterates of `rows` after `taken` steps."""
        songs, votes = self._votes(rows, logits)
        if not songs.size:
            return
        steps = np.zeros(len(self._labels), dtype=np.int64)
        steps[self._songs[rows]] = taken
        now = vote_margins(votes, self._labels[songs])
        self.predictions[songs] = votes.argmax(axis=1)
        stalled = self._stalled(songs, steps[songs], now)
        fell = ~(now >= 0) | (votes.argmax(axis=1) != self._labels[songs])
        self._open[songs[fell | stalled]] = False

    def _votes(self, rows: np.ndarray, logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The undecided songs that `rows` are of, and their votes `(songs, genres)`."""
        chosen = self._open[self._songs[rows]]
        of = self._songs[rows[chosen]]
        songs = np.unique(of)
        return songs, mean_probabilities(logits[chosen], of, len(self._labels))[songs]


class AllSteps:
    """Chosen segments are done after the last step, whatever becomes of them: full strength.

    Attributes:
        last: `(k, …)` their last iterates.
        losses: `(k, steps + 1)` cross-entropy before each step and after the last one.
    """

    def __init__(self, x: np.ndarray, labels: np.ndarray, chosen: np.ndarray, steps: int) -> None:
        """Prepare the record.

        Args:
            x: the segments.
            labels: true labels `(n,)`.
            chosen: `(k,)` which of the segments to take all steps with.
            steps: of the attack.
        """
        self._labels = labels
        self._steps = steps
        self._chosen = chosen
        self._place = np.full(len(x), -1)
        self._place[chosen] = np.arange(len(chosen))
        self._open = np.zeros(len(x), dtype=bool)
        self._attempts = 0
        self._fooled = np.zeros(len(chosen), dtype=bool)
        self.last = x[chosen]
        self.losses = np.full((len(chosen), steps + 1), np.nan, dtype=np.float32)

    def begin(self, detector: NewDetector) -> None:
        """Begin an attempt; after the first one, on those whose last iterate is still right."""
        self._open[self._chosen] = ~self._fooled
        self._attempts += 1

    def needs(self, rows: np.ndarray) -> np.ndarray:
        """Which of `rows` must go on, `(n,)` bool."""
        return np.asarray(self._open[rows])

    def unsure(self, rows: np.ndarray, logits: np.ndarray, unsure_of: UnsureOf) -> np.ndarray:
        """None of `rows`: nothing is decided on the way."""
        return np.zeros(len(rows), dtype=bool)

    def observe(
        self, rows: np.ndarray, taken: np.ndarray, logits: np.ndarray, iterates: np.ndarray
    ) -> None:
        """Record losses, and the iterates of `rows` after the last step."""
        needed = self._open[rows]
        rows, taken, logits, iterates = (part[needed] for part in (rows, taken, logits, iterates))
        labels, places = self._labels[rows], self._place[rows]
        if self._attempts == 1:
            self.losses[places, taken] = cross_entropies(logits, labels)
        fooled = logits.argmax(axis=1) != labels
        final = taken == self._steps
        # A later attempt counts where it succeeds.
        kept = final & (fooled | (self._attempts == 1))
        self.last[places[kept]] = iterates[kept]
        self._fooled[places[final]] = fooled[final]
        self._open[rows[final]] = False
