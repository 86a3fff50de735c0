"""The source of the tracks: a recipe, a folder or an archive, as candidates and a reader."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from detune.audio.reading import UnusableTrackError
from detune.collection.labels import KEY, SHIPPED, Labels
from detune.corpus import Recipe, compose_track, is_recipe, load_recipe
from detune.ingest.archives import SUFFIXES, is_archive, list_archive, member_path, unpack
from detune.ingest.folders import list_audio
from detune.ingest.genre_sizes import require_tracks, without_small_genres
from detune.ingest.labelled import Labelled, label_files
from detune.ingest.layouts import arrange
from detune.ingest.tracks import Candidate, Quarantined
from detune.ingest.validation import MISSING_MS, Recording, validate_audio
from detune.ingest.zip_names import UTF_8
from detune.support.errors import UserError

UNPACKED = ".unpacked"
"""Folder for the audio of an archive while it is read."""

Reader = Callable[[Candidate], Recording]
"""Returns a candidate's samples, or raises `UnusableTrackError`."""


@dataclass(frozen=True)
class Source:
    """Candidates, how to read them, files that are quarantined, and how many no table lists.

    `reader` takes a folder for temporary files and returns a context with the `Reader`.
    """

    candidates: list[Candidate]
    reader: Callable[[Path], AbstractContextManager[Reader]]
    quarantined: list[Quarantined] = field(default_factory=list)
    unlisted: int = 0


def open_source(
    path: Path,
    missing_ms: float = MISSING_MS,
    zip_names: str = UTF_8,
    labels: Labels | None = None,
    smallest_genre: int = 0,
) -> Source:
    """List what is at `data.path`, without reading audio.

    Args:
        path: a recipe (`.yaml`), an archive (`.zip`, `.tar`, `.tar.gz`) or a folder of audio.
        missing_ms: how much audio may be missing at the end of a file.
        zip_names: code page of those names in a zip that are not UTF-8.
        labels: what gives files their genres, where folders do not.
        smallest_genre: tracks that a genre needs so that it is not left out.

    Raises:
        UserError: it is not there, holds no audio, or has too few tracks in a genre.
    """
    source = _listed(path, missing_ms, zip_names, labels)
    lost = [entry.genre for entry in source.quarantined]
    genres = [candidate.genre for candidate in source.candidates]
    require_tracks(genres, lost=lost, smallest=smallest_genre)
    kept, small = without_small_genres(source.candidates, smallest_genre)
    return replace(source, candidates=kept, quarantined=source.quarantined + small)


def _listed(path: Path, missing_ms: float, zip_names: str, labels: Labels | None) -> Source:
    """What is at `data.path`, however many genres it has."""
    if is_recipe(path):
        if labels:
            raise UserError(
                f"{KEY}: {path} is a recipe, which has genres of its own: set {KEY} to {SHIPPED}, "
                "or data.path to a folder or an archive"
            )
        recipe = load_recipe(path)
        candidates = [Candidate(track, genre, path.name) for track, genre, _ in recipe.tracks()]
        return Source(candidates, partial(_composing, recipe))
    if path.is_dir():
        found = _labelled(list_audio(path), labels, str(path))
        return Source(found.candidates, partial(_reading, path, missing_ms), *found[1:])
    if is_archive(path) and path.is_file():
        found = _labelled(list_archive(path, zip_names), labels, str(path))
        read = partial(_unpacking, path, missing_ms, zip_names)
        return Source(found.candidates, read, *found[1:])
    state = "can't be imported" if path.exists() else "is not there"
    raise UserError(
        f"data.path: {path} {state}: give an existing folder of audio, an archive "
        f"({', '.join(SUFFIXES)}) or a recipe (.yaml)"
    )


def _labelled(sources: Iterable[str], labels: Labels | None, where: str) -> Labelled:
    """Files with the genres of their table, or else of their folders."""
    if labels:
        return label_files(sources, labels, where)
    return Labelled(*arrange(sources, where), unlisted=0)


@contextmanager
def _composing(recipe: Recipe, _: Path) -> Iterator[Reader]:
    """A reader that composes."""
    yield partial(_compose, recipe)


def _compose(recipe: Recipe, candidate: Candidate) -> Recording:
    """Compose a candidate of the recipe; its name ends in its index."""
    index = int(candidate.track.rpartition(".")[2])
    return Recording(compose_track(recipe, candidate.genre, index))


@contextmanager
def _reading(folder: Path, missing_ms: float, _: Path) -> Iterator[Reader]:
    """A reader of a folder's files."""
    yield partial(_read, folder, missing_ms)


def _read(folder: Path, missing_ms: float, candidate: Candidate) -> Recording:
    """Read a candidate below `folder`."""
    return validate_audio(folder / candidate.source, missing_ms)


@contextmanager
def _unpacking(archive: Path, missing_ms: float, zip_names: str, scratch: Path) -> Iterator[Reader]:
    """A reader of an archive's files, which are unpacked below `scratch` meanwhile.

    Files that a killed run has left there are removed first.
    """
    folder = scratch / UNPACKED
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        faults = unpack(archive, folder, zip_names)
        yield partial(_read_unpacked, folder, faults, missing_ms)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_unpacked(
    folder: Path, faults: Mapping[str, str], missing_ms: float, candidate: Candidate
) -> Recording:
    """Read a candidate that was unpacked to `folder`, unless unpacking it failed.

    Raises:
        UnusableTrackError: it is damaged, or could not be unpacked.
        UserError: what was unpacked is gone, which says nothing of the archive.
    """
    if candidate.source in faults:
        raise UnusableTrackError(f"unreadable: in its archive it is {faults[candidate.source]}")
    path = member_path(folder, candidate.source)
    if not path.is_file():
        raise UserError(
            f"{folder}: something removed what was unpacked there: run `dvc repro` again"
        )
    return validate_audio(path, missing_ms)
