"""What is studied: a recipe to compose or a folder to read, as candidates and a way to get them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from detune.audio import read_audio
from detune.corpus import Recipe, compose_track, load_recipe
from detune.errors import UserError
from detune.tracks import Candidate

MINIMUM_TRACKS = 3
"""A genre needs one track each for training, validation and test."""


@dataclass(frozen=True)
class Source:
    """Candidates, and the function that returns a candidate's samples `(n,)` at 22,050 Hz."""

    candidates: list[Candidate]
    read: Callable[[Candidate], np.ndarray]


def open_source(path: Path) -> Source:
    """Look at `data.path` without reading any audio yet.

    Args:
        path: a recipe (`.yaml`) or a folder of audio.

    Raises:
        UserError: it is not there, holds no audio, or has too few tracks in a genre.
    """
    if path.suffix in (".yaml", ".yml"):
        recipe = load_recipe(path)
        candidates = [Candidate(track, genre, path.name) for track, genre, _ in recipe.tracks()]
        source = Source(candidates, partial(_compose, recipe))
    else:
        source = Source(find_tracks(path), partial(_read, path))
    require_tracks(candidate.genre for candidate in source.candidates)
    return source


def find_tracks(folder: Path) -> list[Candidate]:
    """List the audio in `<genre>/*.wav` or `genres/<genre>/*.wav` below `folder`, in order of name.

    A track is named after its file, with the genre in front where it is not there already.

    Raises:
        UserError: the folder is not there, or has no audio in that layout.
    """
    if not folder.is_dir():
        raise UserError(f"data.path: {folder} is not there: give an existing folder or recipe")
    root = folder / "genres" if (folder / "genres").is_dir() else folder
    files = sorted(
        path
        for path in root.glob("*/*")
        if path.suffix.lower() == ".wav" and path.is_file() and not path.name.startswith(".")
    )
    if not files:
        raise UserError(
            f"data.path: no audio in {folder}: put tracks into {folder}/<genre>/*.wav "
            f"or {folder}/genres/<genre>/*.wav"
        )
    candidates = [
        Candidate(_track_name(path), path.parent.name, path.relative_to(folder).as_posix())
        for path in files
    ]
    _refuse_repeated_names(candidates)
    return candidates


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
        raise UserError(f"data.path: {len(counts)} genre found: a classifier needs at least two")
    for genre, count in sorted(counts.items()):
        if count < MINIMUM_TRACKS:
            raise UserError(
                f"data.path: genre {genre!r} has {count} {what}, too few for its splits: give at "
                f"least {MINIMUM_TRACKS} (training, validation, test), or remove the genre"
            )


def _compose(recipe: Recipe, candidate: Candidate) -> np.ndarray:
    """Compose a candidate of the recipe; its name ends in its index."""
    return compose_track(recipe, candidate.genre, int(candidate.track.rpartition(".")[2]))


def _read(folder: Path, candidate: Candidate) -> np.ndarray:
    """Read a candidate below `folder`."""
    return read_audio(folder / candidate.source)


def _track_name(path: Path) -> str:
    """The file's name without its ending, with its genre in front so that it is the only one."""
    genre = path.parent.name
    return path.stem if path.stem.startswith(genre) else f"{genre}.{path.stem}"


def _refuse_repeated_names(candidates: Sequence[Candidate]) -> None:
    """Two files of one name would overwrite each other."""
    seen: dict[str, str] = {}
    for candidate in candidates:
        earlier = seen.setdefault(candidate.track.casefold(), candidate.source)
        if earlier != candidate.source:
            raise UserError(
                f"data.path: {earlier} and {candidate.source} would both become track "
                f"{candidate.track!r}: rename one of them"
            )
