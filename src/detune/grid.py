"""The grid of attacks: which cells there are, and what they are called in files."""

from __future__ import annotations

from collections.abc import Iterable

from detune.params import METHODS


def cell_name(method: str, epsilon: float | str) -> str:
    """The cell's name in files, as DVC writes it: method, hyphen, epsilon as in `params.yaml`."""
    return f"{method}-{epsilon}"


def cells(methods: Iterable[str], epsilons: Iterable[float]) -> list[tuple[str, float]]:
    """Method and epsilon of every cell, in order of epsilon, then as `METHODS`."""
    ordered = sorted(methods, key=METHODS.index)
    return [(method, epsilon) for epsilon in sorted(epsilons) for method in ordered]
