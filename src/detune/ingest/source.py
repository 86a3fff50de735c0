"""The source of the tracks: a recipe, a folder or an archive, as candidates and a reader."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from detune.audio.reading import UnusableTrackError
from detune.corpus import Recipe, compose_track, is_recipe, load_recipe
from detune.ingest.archives import SUFFIXES, is_archive, list_archive, member_path, unpack
from detune.ingest.folders import list_audio
from detune.ingest.layouts import arrange
from detune.ingest.tracks import Candidate, Quarantined
from detune.ingest.validation import validate_audio
from detune.support.errors import UserError

MINIMUM_TRACKS = 3
"""A genre needs one track each for training, validation and test."""

UNPACKED = ".unpacked"
"""Folder for the audio of an archive while it is read."""

Reader = Callable[[Candidate], np.ndarray]
"""Returns a candidate's samples `(n,)` at 22,050 Hz, or raises `UnusableTrackError`."""


@dataclass(frozen=True)
class Source:
    """Candidates, how to read them, and files that are quarantined.

    `reader` takes a folder for temporary files and returns a context with the `Reader`.
    """

    candidates: list[Candidate]
    reader: Callable[[Path], AbstractContextManager[Reader]]
    quarantined: list[Quarantined] = field(default_factory=list)


def open_source(path: Path) -> Source:
    """List what is at `data.path`, without reading audio.

    Args:
        path: a recipe (`.yaml`), an archive (`.zip`, `.tar`, `.tar.gz`) or a folder of audio.

    Raises:
        UserError: it is not there, holds no audio, or has too few tracks in a genre.
    """
    if is_recipe(path):
        recipe = load_recipe(path)
        candidates = [Candidate(track, genre, path.name) for track, genre, _ in recipe.tracks()]
        source = Source(candidates, partial(_composing, recipe))
    elif path.is_dir():
        candidates, quarantined = arrange(list_audio(path), str(path))
        source = Source(candidates, partial(_reading, path), quarantined)
    elif is_archive(path) and path.is_file():
        candidates, quarantined = arrange(list_archive(path), str(path))
        source = Source(candidates, partial(_unpacking, path), quarantined)
    else:
        state = "can't be imported" if path.exists() else "is not there"
        raise UserError(
            f"data.path: {path} {state}: give an existing folder of audio, an archive "
            f"({', '.join(SUFFIXES)}) or a recipe (.yaml)"
        )
    require_tracks(candidate.genre for candidate in source.candidates)
    return source


def require_tracks(genres: Iterable[str], what: str = "tracks") -> None:
    """Make sure that there are two genres and each has a track for each split.

    Args:
        genres: the genre of every track.
        what: what the tracks are called in the message.

    Raises:
        UserError: a single genre, or one with too few tracks.
    """
    counts = Counter(genres)
    if len(counts) < 2:
        raise UserError(
            f"data.path: {len(counts)} genre found with {what}: a classifier needs at least two"
        )
    for genre, count in sorted(counts.items()):
        if count < MINIMUM_TRACKS:
            raise UserError(
                f"data.path: genre {genre!r} has {count} {what}, too few for its splits: give at "
                f"least {MINIMUM_TRACKS} (training, validation, test), or remove the genre"
            )


@contextmanager
def _composing(recipe: Recipe, _: Path) -> Iterator[Reader]:
    """A reader that composes."""
    yield partial(_compose, recipe)


def _compose(recipe: Recipe, candidate: Candidate) -> np.ndarray:
    """Compose a candidate of the recipe; its name ends in its index."""
    return compose_track(recipe, candidate.genre, int(candidate.track.rpartition(".")[2]))


@contextmanager
def _reading(folder: Path, _: Path) -> Iterator[Reader]:
    """A reader of a folder's files."""
    yield partial(_read, folder)


def _read(folder: Path, candidate: Candidate) -> np.ndarray:
    """Read a candidate below `folder`."""
    return validate_audio(folder / candidate.source)


@contextmanager
def _unpacking(archive: Path, scratch: Path) -> Iterator[Reader]:
    """A reader of an archive's files, which are unpacked below `scratch` meanwhile.

    Files that a killed run has left there are removed first.
    """
    folder = scratch / UNPACKED
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        yield partial(_read_unpacked, folder, unpack(archive, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_unpacked(folder: Path, faults: Mapping[str, str], candidate: Candidate) -> np.ndarray:
    """Read a candidate that was unpacked to `folder`, unless unpacking it failed."""
    if candidate.source in faults:
        raise UnusableTrackError(f"unreadable: in its archive it is {faults[candidate.source]}")
    return validate_audio(member_path(folder, candidate.source))
