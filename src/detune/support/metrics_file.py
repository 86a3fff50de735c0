"""Metrics files: the few figures that `dvc metrics diff` compares, and the rest below them.

DVC compares every number of a metrics file that is not in a list, so the rest is in one. Its first
item is a text: DVC takes a list of objects alone for points of a curve, and would mix them with
those of the file's own curve.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from detune.support.files import read_json, write_json

Figures = dict[str, Any]
Keys = tuple[str, ...]

DETAILS = "details"
NOTE = "not in dvc metrics diff"
ANY = "*"


def write_metrics(path: Path, figures: Mapping[str, Any], compared: Collection[str]) -> None:
    """Write `figures`, those that are not named in `compared` as details.

    Args:
        path: the file.
        figures: numbers, texts and objects of them, by name; lists stay where they are.
        compared: dotted names of figures, or of objects with all that is in them; a `*` between
            dots is any name.
    """
    top: Figures = {}
    rest: Figures = {}
    for keys, value in _leaves(figures):
        of_top = isinstance(value, list) or any(_is_within(keys, name) for name in compared)
        _put(top if of_top else rest, keys, value)
    write_json(path, top | ({DETAILS: [NOTE, rest]} if rest else {}))


def read_metrics(path: Path) -> Figures:
    """The content of a metrics file, as it was given to `write_metrics`."""
    return with_details(read_json(path))


def with_details(content: Mapping[str, Any]) -> Figures:
    """`content` of a metrics file with its details among the other figures."""
    top = {name: value for name, value in content.items() if name != DETAILS}
    merged: Figures = {}
    for part in (top, *content.get(DETAILS, [])):
        if isinstance(part, Mapping):
            for keys, value in _leaves(part):
                _put(merged, keys, value)
    return merged


def _leaves(figures: Mapping[str, Any], above: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every value that is no object, or an empty one, with the keys that lead to it."""
    for key, value in figures.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _is_within(keys: Keys, name: str) -> bool:
    """Whether the value is the figure of a dotted name, or in the object of that name."""
    named = name.split(".")
    return len(keys) >= len(named) and all(
        one in (key, ANY) for key, one in zip(keys, named, strict=False)
    )


def _put(figures: Figures, keys: Keys, value: Any) -> None:
    """Set a value; objects on the way to it are made."""
    *above, last = keys
    for key in above:
        figures = figures.setdefault(key, {})
    figures[last] = value
