"""Inputs that are what the stages before wrote, checked by the hashes in `dvc.lock`.

DVC itself looks at a file's time and size first, so it misses a damage that left both as they were.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from detune.support.dvc_cache import dvc_cache
from detune.support.errors import UserError

LOCK, PIPELINE = Path("dvc.lock"), Path("dvc.yaml")

LISTINGS = "files/md5"
"""Where DVC's cache lists what is in a folder, by the folder's hash."""

PARAMETER = re.compile(r"\$\{[^}]*\}")
"""What DVC puts a parameter in place of; alone, it is the user's own path, which no stage wrote."""

LARGEST = 2**30
"""Bytes of an input, at most, that are read for this; a collection of audio may be larger."""


def require_intact(stage: str) -> None:
    """Make sure that no input of `stage` was damaged since the stage that wrote it.

    Args:
        stage: its name; the cells of a stage have the same inputs.

    Raises:
        UserError: a file differs from what was written, and DVC has not noticed.
    """
    try:
        lock = yaml.safe_load(LOCK.read_text(encoding="utf-8"))["stages"]
        deps = yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))["stages"][stage]["deps"]
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return
    patterns = [PARAMETER.sub("*", dep) for dep in deps]
    for writer, content in lock.items():
        for out in content.get("outs", []):
            if any(_meet(pattern, out["path"]) for pattern in patterns if pattern != "*"):
                _compare(writer.partition("@")[0], out)


def _meet(pattern: str, path: str) -> bool:
    """Whether one is the other, or below it; a `*` in the pattern is anything but a slash."""
    # zip: where one is longer, it is below the other if the parts that both have are alike.
    both = zip(path.split("/"), pattern.split("/"), strict=False)
    return all(fnmatchcase(part, like) for part, like in both)


def _compare(writer: str, out: Mapping[str, Any]) -> None:
    """Hold every file of an output against its hash."""
    if out.get("size", 0) > LARGEST:
        return
    for path, expected in _files(out):
        if path.is_file() and _md5(path) != expected:
            raise UserError(
                f"{path}: damaged, not what `{writer}` wrote: remove it, and `dvc repro` brings it "
                "back"
            )


def _files(out: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """The files of an output, with the hash that each should have."""
    path, md5 = Path(out["path"]), str(out.get("md5", ""))
    if not md5.endswith(".dir"):
        yield path, md5
        return
    listing = dvc_cache() / LISTINGS / md5[:2] / md5[2:]
    if listing.is_file():
        for entry in json.loads(listing.read_text(encoding="utf-8")):
            yield path / entry["relpath"], entry["md5"]


def _md5(path: Path) -> str:
    """MD5 in hexadecimal, as DVC names files."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
