"""What came of blows, and the table of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.pairs import KINDS, Pair


@dataclass(frozen=True)
class Outcome:
    """What came of one blow.

    Attributes:
        pair: the kind of blow, and the stage or the file.
        met: whether it met what it was for, and did not come too late.
        identical: every result is what it was, after `make clean` nothing is beside it, and
            nothing still runs.
        one_line: no command told more than one line of error, or a traceback.
        manual: it did not come back by what was told.
        accepted: a run succeeded, and left another result or took a damaged file.
    """

    pair: Pair
    met: bool
    identical: bool
    one_line: bool
    manual: bool
    accepted: bool

    @property
    def right(self) -> bool:
        """Whether all is as it should be."""
        return self.identical and self.one_line and not self.manual and not self.accepted


def missing(pairs: Sequence[Pair], outcomes: Sequence[Outcome]) -> list[Pair]:
    """The pairs that no blow met."""
    met = {outcome.pair for outcome in outcomes if outcome.met}
    return [pair for pair in pairs if pair not in met]


def table(pairs: Sequence[Pair], outcomes: Sequence[Outcome]) -> list[str]:
    """A line for each kind of blow, as a table of Markdown."""
    head = (
        "| blow | pairs | tried | identical afterwards | errors of one line | manual steps | "
        "wrong accepted |"
    )
    lines = [head, "| --- |" + " --- |" * 6]
    for kind in [*KINDS, "all"]:
        planned = [pair for pair in pairs if kind in (pair.kind, "all")]
        some = [outcome for outcome in outcomes if kind in (outcome.pair.kind, "all")]
        if not planned:
            continue
        figures = (
            f"{len(planned) - len(missing(planned, some))} of {len(planned)}",
            len(some),
            sum(outcome.identical for outcome in some),
            sum(outcome.one_line for outcome in some),
            sum(outcome.manual for outcome in some),
            sum(outcome.accepted for outcome in some),
        )
        lines.append(f"| {kind} | " + " | ".join(map(str, figures)) + " |")
    return lines
