"""Numbers and tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def number(value: float | str, places: int) -> str:
    """A number with a proper minus, and none before a zero."""
    text = f"{float(value):.{places}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")  # noqa: RUF001


def table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """A table, a line a row."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
