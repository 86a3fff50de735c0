"""Deal blows until the time is up, and count what came of them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from detune.tools.clean import clean
from tests.chaos.blows import AT_CHECKPOINTS, AT_FILES, AT_STAGES, exchanged, stages
from tests.chaos.recovery import errors, recover
from tests.chaos.workplace import Workplace

KINDS = {**AT_STAGES, **AT_FILES, **AT_CHECKPOINTS}


@dataclass(frozen=True)
class Outcome:
    """What came of one blow.

    Attributes:
        kind: of blow.
        target: the stage or the file.
        identical: every result is what it was, after `make clean` nothing is beside it, and
            nothing still runs.
        one_line: no command told more than one line of error, or a traceback.
        manual: it did not come back by what was told.
        accepted: a run succeeded, and left another result.
        detail: what is wrong, where something is.
    """

    kind: str
    target: str
    identical: bool
    one_line: bool
    manual: bool
    accepted: bool
    detail: str = ""

    @property
    def right(self) -> bool:
        """Whether all is as it should be."""
        return self.identical and self.one_line and not self.manual and not self.accepted


def deal(place: Workplace, kind: str, target: str, chance: random.Random) -> Outcome:
    """Deal a blow, recover, and compare with what was before."""
    recovery = recover(place, KINDS[kind](place, target, chance))
    running = place.processes()
    clean(place.folder)
    different, left = place.differences(), place.leftovers()
    outcome = Outcome(
        kind,
        target,
        identical=not (different or left or running),
        one_line=all("Traceback" not in told and len(errors(told)) <= 1 for told in recovery.told),
        manual=not recovery.came_back,
        accepted=recovery.came_back and bool(different),
    )
    if outcome.right:
        return outcome
    place.start_over()
    found = f"different: {different}, left: {left}, running: {running}"
    return replace(outcome, detail="\n".join([found, *recovery.told]))


def plan(place: Workplace, chance: random.Random) -> list[tuple[str, str]]:
    """Every kind of blow at every stage or file that it is for, in random order."""
    targets: list[tuple[Iterable[str], list[str]]] = [
        (AT_STAGES, stages(place)),
        (AT_FILES, exchanged(place)),
        (AT_CHECKPOINTS, ["train"]),
    ]
    pairs = [(kind, target) for kinds, names in targets for kind in kinds for target in names]
    chance.shuffle(pairs)
    return pairs


def campaign(place: Workplace, seed: int, end: float) -> list[Outcome]:
    """Deal blows until `end` (of `time.monotonic`)."""
    chance = random.Random(seed)
    outcomes: list[Outcome] = []
    while True:
        for kind, target in plan(place, chance):
            if time.monotonic() > end:
                return outcomes
            outcome = deal(place, kind, target, chance)
            outcomes.append(outcome)
            print(f"chaos: {'ok' if outcome.right else 'WRONG'}: {kind}: {target}", flush=True)
            if not outcome.right:
                print(outcome.detail, flush=True)


def table(outcomes: list[Outcome]) -> list[str]:
    """A line for each kind of blow, as a table of Markdown."""
    head = (
        "| blow | tried | identical afterwards | errors of one line | manual steps | "
        "wrong accepted |"
    )
    lines = [head, "| --- |" + " --- |" * 5]
    for kind in [*KINDS, "all"]:
        some = [outcome for outcome in outcomes if kind in (outcome.kind, "all")]
        figures = (
            len(some),
            sum(outcome.identical for outcome in some),
            sum(outcome.one_line for outcome in some),
            sum(outcome.manual for outcome in some),
            sum(outcome.accepted for outcome in some),
        )
        lines.append(f"| {kind} | " + " | ".join(map(str, figures)) + " |")
    return lines
