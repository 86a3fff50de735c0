"""What else differs between two revisions: parameters, data, code, processor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detune.review.revision import Revision

DATA = {
    "audio": "data/tracks",
    "split": "data/splits.csv",
    "segments": "data/segments",
    "model": "data/model",
}
"""What is said of data, with the output that it is."""

CODE = ("src/", "stages/")

NAMED = 5
"""Files of code that are named; more are counted."""


def find_causes(before: Revision, after: Revision) -> Iterator[str]:
    """One line for each thing that differs."""
    yield from changed_parameters(before.yaml("params.yaml"), after.yaml("params.yaml"))
    locks = [revision.yaml("dvc.lock") for revision in (before, after)]
    outputs = [_hashes(lock, "outs") for lock in locks]
    for name, path in DATA.items():
        if outputs[0].get(path) != outputs[1].get(path):
            yield f"data: other {name} ({path})"
    yield from changed_code(*(_code(lock) for lock in locks))
    metrics = [revision.json("metrics/robustness.json") for revision in (before, after)]
    for name in ("processor", "precision"):
        old, new = (content.get(name) for content in metrics)
        if old != new:
            yield f"{name}: {old} -> {new}"


def changed_parameters(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """One line for each parameter whose value differs."""
    left, right = dict(_flat(before)), dict(_flat(after))
    for name in dict.fromkeys((*left, *right)):
        if left.get(name) != right.get(name):
            yield f"params: {name}: {left.get(name, 'absent')} -> {right.get(name, 'absent')}"


def changed_code(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """One line that names the files of code that differ."""
    names = [
        name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)
    ]
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield f"code: {', '.join(names[:NAMED])}{more}"


def _flat(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Values by dotted name."""
    for name, value in section.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _hashes(lock: Mapping[str, Any], kind: str) -> dict[str, str]:
    """The hash of each path that stages depend on (`deps`) or write (`outs`)."""
    return {
        item["path"]: item["md5"]
        for entry in lock.get("stages", {}).values()
        for item in entry.get(kind, [])
    }


def _code(lock: Mapping[str, Any]) -> dict[str, str]:
    """The hash of each file or folder of code that a stage was run with."""
    return {path: value for path, value in _hashes(lock, "deps").items() if path.startswith(CODE)}
