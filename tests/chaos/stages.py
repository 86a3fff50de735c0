"""What `dvc.lock` says: the stages, their cells, and the files that they exchange."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.workplace import Workplace

ALIKE = ("data/tracks", "data/attacks", "data/waveform", "data/corruptions")
"""Folders in which the files are of one kind, and count once: tracks, and cells of a matrix."""


def stage_names(place: Workplace) -> list[str]:
    """Every stage; a matrix is one."""
    return list(dict.fromkeys(name.partition("@")[0] for name in place.lock["stages"]))


def cells_of(place: Workplace, stage: str) -> list[str]:
    """The names in `dvc.lock` of a stage: one, or those of its cells."""
    return [name for name in place.lock["stages"] if name.partition("@")[0] == stage]


def outputs(place: Workplace, cell: str) -> list[Path]:
    """The files that a stage, or a cell of it, wrote."""
    return [
        file
        for out in place.lock["stages"][cell]["outs"]
        for file in files_of(place.folder / out["path"])
    ]


def keeps_outputs_in_cache(place: Workplace, stage: str) -> bool:
    """Whether DVC keeps an output of a stage in its cache."""
    outs = place.lock["stages"][cells_of(place, stage)[0]]["outs"]
    return any(place.object_of(out["md5"]).is_file() for out in outs)


def exchanged(place: Workplace) -> list[str]:
    """What another stage reads and has a byte in it: files, and folders of files that are alike."""
    outs = [out["path"] for stage in place.lock["stages"].values() for out in stage["outs"]]
    found: dict[str, None] = {}
    for out in outs:
        if readers(place, out):
            for file in files_of(place.folder / out):
                path = file.relative_to(place.folder)
                alike = [folder for folder in ALIKE if path.is_relative_to(folder)]
                found[alike[0] if alike else path.as_posix()] = None
    return list(found)


def readers(place: Workplace, path: str) -> list[str]:
    """The cells that a file or folder is an input of."""
    return [
        name
        for name, stage in place.lock["stages"].items()
        if any(_covers(dep["path"], path) for dep in stage["deps"])
    ]


def writers(place: Workplace, path: str) -> list[str]:
    """The cells that a file or folder is an output of."""
    return [
        name
        for name, stage in place.lock["stages"].items()
        if any(_covers(out["path"], path) for out in stage["outs"])
    ]


def feeds(place: Workplace, cell: str, other: str) -> bool:
    """Whether a cell writes what another one reads."""
    outs = [out["path"] for out in place.lock["stages"][cell]["outs"]]
    return any(other in readers(place, out) for out in outs)


def files_of(path: Path) -> list[Path]:
    """A file, or those in a folder, that have a byte in them."""
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [file for file in found if file.is_file() and file.stat().st_size]


def _covers(dep: str, out: str) -> bool:
    return Path(out).is_relative_to(dep) or Path(dep).is_relative_to(out)
