"""How each method is drawn, in every picture."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """How a method is drawn."""

    color: str
    marker: str
    style: str | tuple[int, tuple[int, ...]]


LINES = {
    "fgsm": Line("#1f5fa8", "o", "-"),
    "pgd": Line("#d1701c", "s", "--"),
    "pgd-margin": Line("#2d7a4b", "^", "-."),
    "apgd": Line("#b3202c", "P", (0, (3, 1, 1, 1, 1, 1))),
    "noise": Line("#8a3b94", "D", ":"),
}
OTHER = Line("#555555", "v", "-")


def method_line(method: str) -> Line:
    """How `method` is drawn, in every picture."""
    return LINES.get(method, OTHER)
