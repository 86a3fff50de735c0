"""Inputs that are what the stages before wrote, checked by the hashes in `dvc.lock`.

DVC itself looks at a file's time and size first, so it misses a damage that left both as they were.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import yaml
from dvc.utils.serialize import load_yaml

from detune.support.dvc_cache import dvc_cache
from detune.support.errors import UserError

LOCK, PIPELINE, PARAMS = Path("dvc.lock"), Path("dvc.yaml"), Path("params.yaml")

REFERENCE = re.compile(r"\$\{([\w.]+)\}")
"""A parameter in a path of `dvc.yaml`, as in `data/attacks/pgd-${gradcam.epsilon}.npz`."""

LISTINGS = "files/md5"
"""Where DVC's cache lists what is in a folder, by the folder's hash."""

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
        deps = _inputs(stage)
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return
    for writer, content in lock.items():
        for out in content.get("outs", []):
            if any(_covers(dep, out["path"]) or _covers(out["path"], dep) for dep in deps):
                _compare(writer.partition("@")[0], out)


def _inputs(stage: str) -> list[str]:
    """The inputs of a stage in `dvc.yaml`, with the values of the parameters that they name."""
    deps = yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))["stages"][stage]["deps"]
    if not any(REFERENCE.search(dep) for dep in deps):
        return list(deps)
    # As DVC reads it, to which 1e-3 is a number.
    params = load_yaml(str(PARAMS))

    def value(reference: re.Match[str]) -> str:
        return str(reduce(getitem, reference[1].split("."), params))

    return [REFERENCE.sub(value, dep) for dep in deps]


def _covers(outer: str, inner: str) -> bool:
    """Whether `inner` is `outer`, or below it."""
    return inner == outer or inner.startswith(f"{outer}/")


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
