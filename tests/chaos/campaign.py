"""Deal blows until the time is up or all were dealt, and judge what came of each."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from detune.tools.clean import clean
from tests.chaos.blows import BLOWS
from tests.chaos.damage import Spoilt, damage
from tests.chaos.outcomes import Outcome
from tests.chaos.pairs import Pair, Plan
from tests.chaos.recovery import errors, recover
from tests.chaos.workplace import Workplace

TRIES = 6
"""Blows at a stage, at most, until one does not come too late."""


@dataclass(frozen=True)
class Aftermath:
    """What is left of a blow or several when `dvc repro` has run again.

    Attributes:
        came_back: whether it succeeded in the end.
        different: results that are not what they were.
        beside: files and processes that were not there.
        told: what the commands of the recovery wrote.
    """

    came_back: bool
    different: list[str]
    beside: list[str]
    told: list[str]

    def outcome(self, pair: Pair, told: list[str], *, met: bool, refused: bool = True) -> Outcome:
        """What came of a blow that told something."""
        return Outcome(
            pair,
            met,
            identical=not self.different and not self.beside,
            one_line=all(is_one_line(one) for one in [*told, *self.told]),
            manual=not self.came_back,
            accepted=(self.came_back and bool(self.different)) or not refused,
        )


def is_one_line(told: str) -> bool:
    """Whether a command told no more than one line of error, and no traceback."""
    return "Traceback" not in told and len(errors(told)) <= 1


def recovered(place: Workplace, told: list[str]) -> Aftermath:
    """Recover from what told this, and compare with what was before."""
    recovery = recover(place, told)
    running = [f"process {pid}" for pid in place.processes()]
    if not running:
        clean(place.folder)
    return Aftermath(
        recovery.came_back, place.differences(), [*place.leftovers(), *running], recovery.told
    )


def deal(place: Workplace, pair: Pair, chance: random.Random) -> list[Outcome]:
    """Strike a stage, again where it came too late; recover and judge."""
    told: list[str] = []
    for _ in range(TRIES):
        struck = BLOWS[pair.kind](place, pair.target, chance)
        told += struck.told
        if struck.met:
            break
    after = recovered(place, told)
    return _judged(place, after, told, [after.outcome(pair, told, met=struck.met)])


def deal_damage(place: Workplace, batch: list[Spoilt], chance: random.Random) -> list[Outcome]:
    """Damage files at once, recover, and judge each: by its own reader where one was run."""
    read = damage(place, batch, chance)
    told = [one.told for one in read]
    after = recovered(place, told)
    outcomes = []
    for number, spoilt in enumerate(batch):
        own = read[number : number + 1]
        outcomes.append(
            after.outcome(
                Pair(spoilt.kind, spoilt.target),
                [one.told for one in own],
                met=True,
                refused=all(one.refused for one in own),
            )
        )
    return _judged(place, after, told, outcomes)


def _judged(
    place: Workplace, after: Aftermath, told: list[str], outcomes: list[Outcome]
) -> list[Outcome]:
    """Print what came; where something is wrong, all of it, and start over."""
    for outcome in outcomes:
        state = "ok" if outcome.right else "WRONG"
        late = "" if outcome.met else ", too late"
        print(f"chaos: {state}{late}: {': '.join(outcome.pair)}", flush=True)
    if not all(outcome.right for outcome in outcomes):
        print(f"different: {after.different}, beside: {after.beside}", flush=True)
        print(*told, *after.told, sep="\n--\n", flush=True)
        place.start_over()
    return outcomes


def campaign(place: Workplace, plan: Plan, seed: int, end: float, outcomes: list[Outcome]) -> None:
    """Deal what the plan gives until `end` (of `time.monotonic`), or until all was dealt."""
    chance = random.Random(seed)
    while time.monotonic() < end:
        dealt = plan.next_round(place, chance)
        if isinstance(dealt, Pair):
            outcomes += deal(place, dealt, chance)
        elif dealt:
            outcomes += deal_damage(place, dealt, chance)
        else:
            return
