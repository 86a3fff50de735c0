"""What a stage and the workers of a cluster tell each other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detune.support import item_process

DONE, LOST, KILLED, REFUSED = "done", "lost", "killed", "refused"
"""Kinds of an answer."""

HELD = (
    Path(__file__),
    Path(__file__).with_name("worker.py"),
    Path(item_process.__file__),
)
"""Code that a worker holds as long as it lives; a stage's may be newer."""

PROTOCOL = hashlib.sha256(b"".join(path.read_bytes() for path in HELD)).hexdigest()
"""Of that code, as it was when it was imported."""


@dataclass(frozen=True)
class Call:
    """A function to be mapped by a cluster.

    Attributes:
        file: absolute, in the folder that all machines share; it holds the function.
        folder: the stage's working directory, where the processes run as well.
        imports: folders from which Python imports the project's code.
        seconds: how long an item may take.
        protocol: the stage's `PROTOCOL`.
    """

    file: str
    folder: str
    imports: tuple[str, ...]
    seconds: float
    protocol: str = PROTOCOL


@dataclass(frozen=True)
class Answer:
    """What became of an item.

    Attributes:
        kind: `DONE`, `LOST` (it crashed its process, or took too long), `KILLED` (something else
            ended it, or it had too little memory) or `REFUSED` (this machine computes no item).
        content: a pickled result; else what happened, in words.
        host: the machine's name.
    """

    kind: str
    content: Any
    host: str
