"""Progress bars, the same for everything that takes its time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")

LOG_SECONDS = 10.0
"""Seconds between two lines where standard error is a file or a pipe instead of a screen."""


def progress_bar(label: str, unit: str, total: int) -> tqdm[None]:
    """A bar on standard error that counts up to `total` of what `unit` names."""
    return tqdm(
        desc=label,
        unit=f" {unit}",
        total=total,
        dynamic_ncols=True,
        mininterval=_interval(),
    )


def byte_bar(label: str, total: int | None, done: int) -> tqdm[None]:
    """The same for bytes, of which `done` are there already; `total` may be unknown."""
    return tqdm(
        desc=label,
        unit="B",
        unit_scale=True,
        total=total,
        initial=done,
        dynamic_ncols=True,
        mininterval=_interval(),
    )


def progress(items: Iterable[Item], *, label: str, unit: str, total: int) -> Iterator[Item]:
    """Yield `items` under a progress bar."""
    with progress_bar(label, unit, total) as bar:
        for item in items:
            yield item
            bar.update()


def _interval() -> float:
    """Seconds between two states of a bar: a screen is redrawn, a log gets a line each."""
    return 0.2 if sys.stderr.isatty() else LOG_SECONDS
