"""Damage to files that stages exchange: several files at once, with old and with new times."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.chaos.stages import feeds, files_of, readers, writers
from tests.chaos.workplace import Workplace

AT_ONCE = 12
"""Files that are damaged at once, at most."""


class Damage(NamedTuple):
    """A kind of damage.

    Attributes:
        spoil: what is done to a file.
        keep_time: the file's time is that of before. DVC does not notice then, and a stage that
            reads the file is run by force.
    """

    spoil: Callable[[Path, random.Random], None]
    keep_time: bool


class Spoilt(NamedTuple):
    """A file to damage, and a stage that reads it."""

    kind: str
    target: str
    file: Path
    reader: str


def flip(path: Path, chance: random.Random) -> None:
    """Change one byte in place."""
    place = chance.randrange(path.stat().st_size)
    with path.open("r+b") as stream:
        stream.seek(place)
        byte = stream.read(1)[0]
        stream.seek(place)
        stream.write(bytes([byte ^ (1 << chance.randrange(8))]))


def cut(path: Path, chance: random.Random) -> None:
    """Cut the end off, in place."""
    os.truncate(path, chance.randrange(path.stat().st_size))


DAMAGES = {
    "a byte flipped, new time": Damage(flip, keep_time=False),
    "a byte flipped, old time": Damage(flip, keep_time=True),
    "cut, new time": Damage(cut, keep_time=False),
    "cut, old time": Damage(cut, keep_time=True),
}


def choose(place: Workplace, kind: str, target: str, chance: random.Random) -> Spoilt:
    """One file of those that count as `target`, and a stage that reads it."""
    file = chance.choice(files_of(place.folder / target))
    path = file.relative_to(place.folder).as_posix()
    return Spoilt(kind, target, file, chance.choice(readers(place, path)))


def apart(place: Workplace, one: Spoilt, other: Spoilt) -> bool:
    """Whether two files can be damaged at once, and what comes of each still be told apart."""
    if one.file == other.file or DAMAGES[one.kind].keep_time != DAMAGES[other.kind].keep_time:
        return False
    if not DAMAGES[one.kind].keep_time:
        return True
    return _undisturbed(place, one, other) and _undisturbed(place, other, one)


def _undisturbed(place: Workplace, one: Spoilt, other: Spoilt) -> bool:
    """Whether the reader of one file neither reads nor clears what the other's reader reads."""
    path = other.file.relative_to(place.folder).as_posix()
    used = one.reader in readers(place, path) or one.reader in writers(place, path)
    return not used and one.reader != other.reader and not feeds(place, one.reader, other.reader)


class Read(NamedTuple):
    """What a stage told that was run by force on a damaged file, and whether it refused."""

    told: str
    refused: bool


def damage(place: Workplace, batch: Sequence[Spoilt], chance: random.Random) -> list[Read]:
    """Damage the files; return what came of the stages that are run by force, in their order."""
    forgotten = chance.random() < 0.5
    for spoilt in batch:
        if forgotten:
            place.forget_file(spoilt.file)
        before = spoilt.file.stat()
        spoilt.file.chmod(before.st_mode | 0o200)
        DAMAGES[spoilt.kind].spoil(spoilt.file, chance)
        if DAMAGES[spoilt.kind].keep_time:
            os.utime(spoilt.file, ns=(before.st_atime_ns, before.st_mtime_ns))
    read = []
    for spoilt in batch:
        if DAMAGES[spoilt.kind].keep_time:
            run = place.start("repro", "-f", "-s", spoilt.reader)
            status = run.ended()
            read.append(Read(run.told, status != 0))
    return read
