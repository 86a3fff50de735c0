"""Projected Gradient Descent whose segments leave as soon as no question needs them any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from detune.attack.art_imports import ProjectedGradientDescentTensorFlowV2
from detune.attack.classifier import CompiledClassifier
from detune.attack.stall_detection import StallDetector
from detune.attack.stopping_criteria import AllSteps, Criterion, Misclassified, SongMisclassified
from detune.network.chunks import CHUNK, WORKERS
from detune.network.runtime import tf

BATCH = 4 * CHUNK * WORKERS
"""Segments under way at once, about: songs join while there are fewer."""

NO_ROWS = np.empty(0, dtype=np.int64)
EVERYWHERE = np.empty(0, dtype=bool)

Finished = Callable[[int], Any]
"""Called with how many more segments are done."""


def unobserved(count: int) -> None:
    """Nobody asks how many segments are done."""


@dataclass(frozen=True)
class Clean:
    """What is attacked.

    Attributes:
        x: segments `(n, 128, 130, 1)`.
        labels: true labels `(n,)`.
        logits: `(n, genres)` that the model gives them.
        songs: `(n,)` the song of each, numbered from 0; empty where songs are not asked about.
        examples: `(k,)` which of them are attacked at full strength.
        mask: `(n, 128, 130, 1)` 1 where a segment may be changed, else 0; empty: everywhere.
    """

    x: np.ndarray
    labels: np.ndarray
    logits: np.ndarray
    songs: np.ndarray = field(default_factory=lambda: NO_ROWS)
    examples: np.ndarray = field(default_factory=lambda: NO_ROWS)
    mask: np.ndarray = field(default_factory=lambda: EVERYWHERE)

    def confine(self, inside: np.ndarray, outside: Any, rows: np.ndarray) -> np.ndarray:
        """Values `inside` `(m, 128, 130, 1)` where the segments in `rows` may be changed."""
        return np.where(self.mask[rows], inside, outside) if self.mask.size else inside


@dataclass(frozen=True)
class Outcome:
    """What an attack made of n segments.

    Attributes:
        adversarial: `(n, 128, 130, 1)` of each segment its first misclassified iterate, or the
            last one seen.
        examples: `(k, 128, 130, 1)` the chosen ones at full strength: the last iterate.
        song_predictions: `(songs,)` what each song is taken for, the first wrong vote or the last
            one; None where nothing but the vote over `adversarial` tells.
        example_losses: `(k, steps + 1)` their cross-entropy before each step and after the last;
            `(0, 0)` for an attack without steps to follow. With restarts, of the first attempt.
        steps: `(n,)` steps to the first misclassified iterate, 0 where the segment was wrong
            before, -1 where there is none; None where they are not counted.
    """

    adversarial: np.ndarray
    examples: np.ndarray
    song_predictions: np.ndarray | None = None
    example_losses: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.float32))
    steps: np.ndarray | None = None


class SurvivorPGD(ProjectedGradientDescentTensorFlowV2):
    """ART's PGD (Madry et al. 2018), L-infinity, untargeted, without the wasted steps.

    Three questions are asked of the same iterates (see `stopping_criteria`): whether the segment is
    misclassified, by any iterate; whether its song is, by the vote over its segments' iterates
    after as many steps; and what all steps make of chosen segments. As soon as a segment is
    needed for none of them, its place goes to the next one waiting.
    """

    def __init__(
        self,
        estimator: CompiledClassifier,
        *,
        epsilon: float,
        step: float,
        steps: int,
        random_start: bool,
        seed: int,
        restarts: int = 1,
        abort_early: float = 0.0,
    ) -> None:
        """Prepare the attack.

        Args:
            estimator: what to fool.
            epsilon: radius of the ball around each segment.
            step: how far an iteration moves every value.
            steps: iterations.
            random_start: begin at a random point of the ball instead of its centre.
            seed: with a segment's place in the array, the seed of its own random start.
            restarts: attempts on a segment; all but the first begin at random points.
            abort_early: a segment or song is given up when its margin, falling this many times as
                fast as so far, would not vanish (see `StallDetector`); 0 lets each take all steps.
        """
        super().__init__(estimator, eps=epsilon, eps_step=step, max_iter=steps, verbose=False)
        self._random_start = random_start
        self._seed = seed
        self._restarts = restarts
        self._abort_early = abort_early

    def generate(
        self,
        x: np.ndarray,
        y: np.ndarray | None = None,
        mask: np.ndarray | None = None,
        **kwargs: Any,
    ) -> np.ndarray:
        """Attack segments against their true labels, as ART's attacks are called.

        Args:
            x: segments `(n, 128, 130, 1)` float32 in [0, 1].
            y: true labels `(n,)`; they are required.
            mask: 1 where a segment may be changed, else 0; of the shape of `x`, or of one segment.
            **kwargs: refused.

        Returns:
            `Outcome.adversarial`, of the shape of `x`.
        """
        if y is None or kwargs:
            raise ValueError("give true labels, perhaps a mask, and no further options")
        everywhere = EVERYWHERE if mask is None else np.broadcast_to(mask, x.shape)
        clean = Clean(x, np.asarray(y), self.estimator.predict(x), mask=everywhere)
        return self.attack(clean).adversarial

    def attack(self, clean: Clean, finished: Finished = unobserved) -> Outcome:
        """Attack segments, and their songs.

        Args:
            clean: what to attack.
            finished: called with the number of segments that are done, each time some are.
        """
        wrong = clean.logits.argmax(axis=1) != clean.labels
        segments = Misclassified(clean.x, clean.labels, wrong)
        everything = AllSteps(clean.x, clean.labels, clean.examples, self.max_iter)
        criteria: list[Criterion] = [segments, everything]
        songs = None
        if clean.songs.size:
            songs = SongMisclassified(clean.songs, clean.labels, clean.logits)
            criteria.append(songs)
        for attempt in range(self._restarts):
            run = _Run(self, clean, criteria, attempt)
            run.complete(finished if attempt == 0 else unobserved)
        return Outcome(
            segments.first_wrong,
            everything.last,
            songs.predictions if songs else None,
            everything.losses,
            segments.steps,
        )

    def step(
        self, x: np.ndarray, origin: np.ndarray, gradient: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        """Move iterates `x` by the signs of `gradient`, and back into the ball around `origin`.

        `rows` says which of all segments they are: another ball may be each one's own.
        """
        direction = tf.sign(tf.constant(np.nan_to_num(gradient)))
        stepped = self._apply_perturbation(tf.constant(x), direction, self.eps_step)
        centre = tf.constant(origin)
        moved = centre + self._projection(stepped - centre, self.eps, self.norm)
        return np.asarray(moved.numpy())

    def detector(self, attempt: int) -> Callable[[int], StallDetector]:
        """What makes the early stopping of an attempt."""
        # To the edge of the ball from its centre; twice as far from its other side.
        across = 2 if self._random_start or attempt else 1
        reach = int(np.ceil(across * self.eps / self.eps_step))
        return lambda items: StallDetector(items, self.max_iter, reach, self._abort_early)

    def starts(self, x: np.ndarray, rows: np.ndarray, attempt: int) -> np.ndarray:
        """Where the segments `x` in `rows` begin, whatever chunk they are attacked in."""
        if not (self._random_start or attempt):
            return x
        draws = [np.random.default_rng([self._seed, row, attempt]) for row in rows]
        noise = [draw.uniform(-self.eps, self.eps, x.shape[1:]) for draw in draws]
        return np.clip(x + np.asarray(noise, dtype=x.dtype).reshape(x.shape), 0.0, 1.0)


class _Run:
    """One attempt on all segments that a criterion needs."""

    def __init__(
        self, attack: SurvivorPGD, clean: Clean, criteria: list[Any], attempt: int
    ) -> None:
        self._attack = attack
        self._clean = clean
        self._criteria = criteria
        self._attempt = attempt
        self._iterates = clean.x.copy()
        self._taken = np.zeros(len(clean.x), dtype=np.int64)
        for criterion in criteria:
            criterion.begin(attack.detector(attempt))

    def complete(self, finished: Finished) -> None:
        """Take steps until no criterion needs any segment."""
        waiting = self._groups()
        rows = NO_ROWS
        needed = int(self._needed(np.arange(len(self._clean.x))).sum())
        finished(len(self._clean.x) - needed)
        following = next(waiting, NO_ROWS)
        while following.size or rows.size:
            while following.size and len(rows) < BATCH:
                rows = np.concatenate([rows, self._started(following)])
                following = next(waiting, NO_ROWS)
            before = len(rows)
            rows = self._advanced(rows)
            finished(before - len(rows))

    def _groups(self) -> Iterator[np.ndarray]:
        """Rows that must begin together: those of a song."""
        rows = np.flatnonzero(self._needed(np.arange(len(self._clean.x))))
        songs = self._clean.songs[rows] if self._clean.songs.size else rows
        for song in dict.fromkeys(songs.tolist()):
            yield rows[songs == song]

    def _started(self, rows: np.ndarray) -> np.ndarray:
        """`rows`, their iterates where the attempt begins."""
        x = self._clean.x[rows]
        starts = self._attack.starts(x, rows, self._attempt)
        self._iterates[rows] = self._clean.confine(starts, x, rows)
        return rows

    def _needed(self, rows: np.ndarray) -> np.ndarray:
        """Which of `rows` some criterion needs, `(n,)` bool."""
        needs = [criterion.needs(rows) for criterion in self._criteria]
        return np.asarray(np.logical_or.reduce(needs))

    def _advanced(self, rows: np.ndarray) -> np.ndarray:
        """Judge the iterates of `rows`, move those that must go on, and return them."""
        x, labels = self._clean.x, self._clean.labels
        model = self._attack.estimator
        logits, gradient = model.logits_and_gradient(self._iterates[rows], labels[rows])
        self._observe(rows, self._confirmed(rows, logits))
        go_on = self._needed(rows)
        rows = rows[go_on]
        gradient = self._clean.confine(gradient[go_on], np.float32(0), rows)
        if not rows.size:
            return rows
        self._iterates[rows] = self._attack.step(self._iterates[rows], x[rows], gradient, rows)
        self._taken[rows] += 1
        last = rows[self._taken[rows] == self._attack.max_iter]
        if last.size:
            self._observe(last, model.predict(self._iterates[last]))
        return np.asarray(rows[self._taken[rows] < self._attack.max_iter])

    def _confirmed(self, rows: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """`logits` of the gradient model, those of the saved one where rounding may decide."""
        model = self._attack.estimator
        unsure_of = partial(model.unsure, scale=float(np.abs(logits).max(initial=0.0)))
        unsure_by = [criterion.unsure(rows, logits, unsure_of) for criterion in self._criteria]
        unsure = np.logical_or.reduce(unsure_by)
        if unsure.any():
            logits = logits.copy()
            logits[unsure] = model.predict(self._iterates[rows[unsure]])
        return np.asarray(logits)

    def _observe(self, rows: np.ndarray, logits: np.ndarray) -> None:
        """Tell every criterion what the model says of the iterates of `rows`."""
        for criterion in self._criteria:
            criterion.observe(rows, self._taken[rows], logits, self._iterates[rows])
