"""Quarantine: the kinds of reasons for which tracks were left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def count_reasons(reasons: Iterable[str]) -> dict[str, int]:
    """How many candidates were left out for each kind of reason, the most frequent first.

    The kind is what stands before a reason's colon; the rest is about the one track.
    """
    kinds = Counter(reason.partition(":")[0] for reason in reasons)
    return dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
