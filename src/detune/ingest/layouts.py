"""Layouts: which files of a collection are tracks, and which genre and name each has.

Only names count, so it is the same for folders and archives. The genre of a file is its folder,
below what all files share and below `genres` or `genres_original`; where all are in one folder, the
genre is the part of the file's name before the number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from detune.collection.shown_paths import harmless_path
from detune.ingest.formats import AUDIO_SUFFIXES, NOT_READ, is_audio
from detune.ingest.names import RENAMED, fault_of_path, harmless_name
from detune.ingest.tracks import Candidate, Quarantined
from detune.support.errors import UserError

GENRE_ROOTS = ("genres", "genres_original")
"""Folders that hold the genres' folders in copies of GTZAN."""

MAX_NAME_BYTES = 200
"""Bytes of a track's name; file systems allow 255, and an ending is added."""

NUMBERED = re.compile(r"(?P<genre>.+?)[ ._-]+\d+")
"""A file's name, without its ending, that contains a genre: blues.00000, blues_00000."""

NO_GENRE = "no genre: neither its folder nor its name gives one"

Files = list["File"]


class File(NamedTuple):
    """A file, the rest of its path below the current folder, and its genre, once known."""

    source: str
    parts: tuple[str, ...]
    genre: str = ""
    renamed: bool = False


def is_stray(part: str) -> bool:
    """Whether a file or folder of this name is hidden, or one of macOS's own."""
    return part == "__MACOSX" or (part.startswith(".") and part != "..")


def arrange(sources: Iterable[str], where: str) -> tuple[list[Candidate], list[Quarantined]]:
    """Give each audio file a genre and a name of its own.

    Args:
        sources: paths within the collection, parts joined by `/`; strays and other files as well.
        where: name of the collection in messages.

    Returns:
        The candidates, and the files that are quarantined, both in order of path.

    Raises:
        UserError: there is no audio, or two files would become one track.
    """
    files = [File(source, tuple(source.split("/"))) for source in sources if is_audio(source)]
    files = sorted(
        (file for file in files if not any(map(is_stray, file.parts))), key=lambda f: f.parts
    )
    faults = {file.source: fault for file in files if (fault := fault_of_path(file.source))}
    named = [file for file in files if file.source not in faults]
    arranged = [
        candidate_of(file) for file in one_spelling(_with_genres(_below_root(named, where)))
    ]
    candidates = [outcome for outcome in arranged if isinstance(outcome, Candidate)]
    quarantined = [outcome for outcome in arranged if isinstance(outcome, Quarantined)]
    if not candidates:
        others = any(entry.reason == NOT_READ for entry in quarantined)
        raise UserError(
            f"data.path: no audio{' of a format that is read' if others else ''} in {where}: put "
            f"tracks into {where}/<genre>/, or name them <genre>.00000.wav (endings: "
            f"{' '.join(AUDIO_SUFFIXES)})"
        )
    refuse_repeated_names(candidates)
    for source, fault in faults.items():
        quarantined.append(Quarantined(harmless_path(source), "", fault))
    return (
        sorted(candidates, key=lambda candidate: candidate.source.split("/")),
        sorted(quarantined, key=lambda entry: entry.source.split("/")),
    )


def _below_root(files: Files, where: str) -> Files:
    """Cut paths to the part below `genres` or `genres_original`, where there is one."""
    roots: dict[tuple[str, ...], Files] = {}
    for file in files:
        folders = [part.casefold() for part in file.parts[:-1]]
        places = [at for at, part in enumerate(folders) if part in GENRE_ROOTS]
        roots.setdefault(file.parts[: places[0] + 1] if places else (), []).append(file)
    outside = roots.pop((), [])
    if len(roots) > 1:
        first, second, *_ = ("/".join(root) for root in roots)
        raise UserError(
            f"data.path: {where} holds both {first} and {second}, perhaps the same tracks twice: "
            f"name one of them"
        )
    if not roots:
        return outside
    ((root, inside),) = roots.items()
    cut = [file._replace(parts=file.parts[len(root) :]) for file in inside]
    return cut + [file._replace(parts=()) for file in outside]


def _with_genres(files: Files, folder: str = "") -> Iterator[File]:
    """Find the genre of each file; `folder` is the name of their folder.

    Where several folders hold audio, they are the genres. A single one is entered, unless files
    beside it have genres in their names: then, and in a folder without folders, the names of the
    files count before that of the folder.
    """
    inside = [file for file in files if len(file.parts) > 1]
    loose = [file for file in files if len(file.parts) == 1]
    yield from (file for file in files if not file.parts)
    genres = {file.parts[0] for file in inside}
    in_names = {genre for file in loose if (genre := _genre_in_name(file.parts[0]))}
    if len(genres) > 1:
        yield from (file._replace(genre=file.parts[0], parts=file.parts[1:]) for file in inside)
        known = {_folded(genre) for genre in genres}
        loose_genres = [_genre_in_name(file.parts[0]) for file in loose]
        for file, genre in zip(loose, loose_genres, strict=True):
            yield file._replace(genre=genre if _folded(genre) in known else "")
    elif genres and not in_names:
        yield from loose
        cut = [file._replace(parts=file.parts[1:]) for file in inside]
        yield from _with_genres(cut, genres.pop())
    else:
        for file in files:
            if file.parts:
                genre = _genre_in_name(file.parts[-1]) or ("" if in_names else folder)
                yield file._replace(genre=genre, parts=file.parts[-1:])


def _stem(name: str) -> str:
    """A file's name without its ending."""
    return name.rpartition(".")[0]


def _genre_in_name(name: str) -> str:
    """The genre in a file's name, or nothing."""
    match = NUMBERED.fullmatch(_stem(name))
    return match["genre"] if match else ""


def _folded(text: str) -> str:
    """`text` as it is compared: one form for all spellings by case or composed letters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def one_spelling(files: Iterable[File]) -> Iterator[File]:
    """Give a genre with several spellings the first of them in order of path, made harmless."""
    spelling: dict[str, str] = {}
    for file in sorted(files, key=lambda file: file.source.split("/")):
        given = unicodedata.normalize("NFC", file.genre)
        genre = harmless_name(given)
        genre, renamed = spelling.setdefault(_folded(genre), genre), genre != given
        yield file._replace(genre=genre, renamed=renamed)


def candidate_of(file: File) -> Candidate | Quarantined:
    """The file as a candidate, or as quarantined with the reason."""
    if not file.genre:
        return Quarantined(harmless_path(file.source), "", NO_GENRE)
    if not file.source.lower().endswith(AUDIO_SUFFIXES):
        return Quarantined(harmless_path(file.source), file.genre, NOT_READ)
    track = _track_name(file)
    if len(track.encode()) > MAX_NAME_BYTES or len(file.genre.encode()) > MAX_NAME_BYTES:
        return Quarantined(
            harmless_path(file.source), "", f"unusable name: longer than {MAX_NAME_BYTES} bytes"
        )
    return Candidate(track, file.genre, file.source, RENAMED if file.renamed else "")


def _track_name(file: File) -> str:
    """The file's name without its ending, with its genre in front so that it is the only one.

    Folders between the genre's and the file, as of artists and albums, come in between.
    """
    *folders, name = file.parts
    stem = unicodedata.normalize("NFC", ".".join([*folders, _stem(name)]))
    return stem if stem.startswith(file.genre) else f"{file.genre}.{stem}"


def refuse_repeated_names(candidates: Sequence[Candidate]) -> None:
    """Two files of one name would overwrite each other."""
    seen: dict[str, str] = {}
    for candidate in candidates:
        earlier = seen.setdefault(_folded(candidate.track), candidate.source)
        if earlier != candidate.source:
            raise UserError(
                f"data.path: {earlier} and {candidate.source} would both become track "
                f"{candidate.track!r}: rename one of them"
            )
