"""Examine many mutated files in processes that may be lost, and count what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from detune.support.pool import Lost, isolated_map

SECONDS = 10.0
"""A file that takes longer hangs."""


def run(
    examine: Callable[[Path, int], str], folder: Path, cases: range
) -> tuple[Counter[str], list[str]]:
    """Examine `cases`; return how many were refused and accepted, and everything that is wrong."""
    found: Counter[str] = Counter()
    wrong = []
    outcomes = isolated_map(
        partial(examine, folder), cases, seconds=SECONDS, label="fuzz", unit="files"
    )
    for case, outcome in zip(cases, outcomes, strict=True):
        if isinstance(outcome, Lost):
            wrong.append(f"case {case}: {outcome.reason}")
        elif outcome.startswith("wrong"):
            wrong.append(outcome)
        else:
            found[outcome] += 1
    return found, wrong
