"""YAML files of a sensible size, also when every alias in them is written out."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

import yaml

from detune.support.errors import UserError

LARGEST_BYTES = 2**18
"""Of a file that people write; `params.yaml` takes a fiftieth of it."""

LARGEST_VALUES = 20_000
"""In a file, an alias counted as all that it stands for."""


DEEPEST = 50
"""Lists and mappings in each other."""


def require_small_yaml(path: Path) -> None:
    """Make sure that whoever reads a YAML file does not take minutes, or all memory.

    What is no YAML, or not there, passes: its reader says what is wrong.

    Args:
        path: of the file, which is not opened where it is a pipe or a device.

    Raises:
        UserError: it is no file, is too large, or its aliases make it so.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UserError(f"{path}: no file: put the YAML file itself there")
        if status.st_size > LARGEST_BYTES:
            raise UserError(
                f"{path}: {status.st_size} bytes are more than {LARGEST_BYTES}: remove what does "
                "not belong there"
            )
        count = _written_out(path, yaml.parse(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError):
        return
    if count > LARGEST_VALUES:
        raise UserError(
            f"{path}: with each alias written out it has more than {LARGEST_VALUES} values: "
            "replace aliases (*name) by what they stand for"
        )


def _written_out(path: Path, events: Iterable[yaml.Event]) -> int:
    """How many values a file has, an alias counted as all that it stands for.

    Raises:
        UserError: it is nested too deeply for its readers.
    """
    counted: dict[str, int] = {}
    around: list[tuple[str | None, int]] = []
    count = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            around.append((event.anchor, count))
            if len(around) > DEEPEST:
                raise UserError(f"{path}: nested more than {DEEPEST} deep: remove that part")
            continue
        anchor, before = event.anchor if isinstance(event, yaml.ScalarEvent) else None, count
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = around.pop()
        if isinstance(event, yaml.AliasEvent):
            # An alias of what it is in has no count yet: it never ends.
            count += counted.get(event.anchor, LARGEST_VALUES + 1)
        elif isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            count += 1
        if anchor:
            counted[anchor] = count - before
        if count > LARGEST_VALUES:
            break
    return count
