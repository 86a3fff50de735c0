"""What is to be tried: every kind of blow at every stage, every damage of every exchanged file."""

from __future__ import annotations

import random
import threading
from typing import NamedTuple

from tests.chaos.blows import BLOWS, targets_of
from tests.chaos.damage import AT_ONCE, DAMAGES, Spoilt, apart, choose
from tests.chaos.stages import exchanged
from tests.chaos.workplace import Workplace

KINDS = (*BLOWS, *DAMAGES)


class Pair(NamedTuple):
    """A kind of blow, and the stage, file or folder of alike files that it is for."""

    kind: str
    target: str


def all_pairs(place: Workplace) -> list[Pair]:
    """Every pair, by kind."""
    pairs = [Pair(kind, stage) for kind in BLOWS for stage in targets_of(place, kind)]
    return pairs + [Pair(kind, file) for kind in DAMAGES for file in exchanged(place)]


class Plan:
    """The pairs that are still to be tried, in random order; several projects take from it.

    Attributes:
        pairs: all that there are.
    """

    def __init__(self, pairs: list[Pair], seed: int, *, again: bool) -> None:
        """Shuffle the pairs.

        Args:
            pairs: all that there are.
            seed: of the order.
            again: whether all are dealt again once none is left.
        """
        self.pairs = pairs
        self._again = again
        self._chance = random.Random(seed)
        self._pending: list[Pair] = []
        self._lock = threading.Lock()
        self._shuffle()

    def _shuffle(self) -> None:
        self._pending = self._chance.sample(self.pairs, len(self.pairs))

    def next_round(self, place: Workplace, chance: random.Random) -> Pair | list[Spoilt]:
        """Take a blow at a stage, or files that can be damaged at once; of none, all was dealt."""
        with self._lock:
            if not self._pending and self._again:
                self._shuffle()
            if not self._pending:
                return []
            if self._pending[0].kind in BLOWS:
                return self._pending.pop(0)
            return self._next_files(place, chance)

    def _next_files(self, place: Workplace, chance: random.Random) -> list[Spoilt]:
        batch: list[Spoilt] = []
        for pair in [pair for pair in self._pending if pair.kind in DAMAGES]:
            one = choose(place, *pair, chance)
            if len(batch) < AT_ONCE and all(apart(place, one, other) for other in batch):
                batch.append(one)
                self._pending.remove(pair)
        return batch
