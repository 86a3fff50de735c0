"""The grid of attacks: which cells there are, and what they are called in files."""

from __future__ import annotations

from collections.abc import Iterable

METHODS = ("fgsm", "pgd")
"""Every method, by the name it has in `params.yaml` and in the matrix of `dvc.yaml`."""


def cell_name(method: str, epsilon: float | str) -> str:
    """The cell's name in files, as DVC writes it: method, hyphen, epsilon as in `params.yaml`."""
    return f"{method}-{epsilon}"


def cells(epsilons: Iterable[float]) -> list[tuple[str, float]]:
    """Method and epsilon of every cell, in order of epsilon."""
    return [(method, epsilon) for epsilon in sorted(epsilons) for method in METHODS]
