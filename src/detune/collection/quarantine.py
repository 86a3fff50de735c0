"""Quarantine: the kinds of reasons for which tracks were left out, and which genres lost many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

HEAVY_LOSS = Fraction(1, 3)
"""A genre that lost more than this share of its files is named."""


def count_reasons(reasons: Iterable[str]) -> dict[str, int]:
    """How often there is each kind of reason for leaving out, or of note; the most frequent first.

    The kind is what stands before a colon; the rest is about the one track.
    """
    kinds = Counter(reason.partition(":")[0] for reason in reasons if reason)
    return dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0])))


def heavy_losses(kept: Iterable[str], lost: Iterable[str]) -> list[str]:
    """Say which genres lost more than a third of their files.

    Args:
        kept: the genre of every stored track.
        lost: the genre of every file that was left out, or nothing where it has none.
    """
    kept, lost = Counter(kept), Counter(lost)
    return [
        f"{genre} lost {count} of {count + kept[genre]} files"
        for genre, count in sorted(lost.items())
        if genre and count > HEAVY_LOSS * (count + kept[genre])
    ]
