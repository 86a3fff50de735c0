"""Genre sizes: genres with too few tracks stop the run, or are left out and named."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from detune.ingest.tracks import Quarantined, Stored
from detune.support.errors import UserError

MINIMUM_TRACKS = 3
"""A genre needs one track each for training, validation and test."""

MAXIMUM_GENRES = 50
"""With more, what names genres holds something else, such as artists."""

SMALL = "small genre"
"""Why tracks of such a genre are in the quarantine."""


class _OfGenre(Protocol):
    @property
    def genre(self) -> str: ...

    @property
    def source(self) -> str: ...


Entry = TypeVar("Entry", bound=_OfGenre)


def require_tracks(
    genres: Iterable[str], what: str = "tracks", lost: Iterable[str] = (), smallest: int = 0
) -> None:
    """Make sure that there are 2 to 50 genres and each has a track for each split.

    Args:
        genres: the genre of every track.
        what: what the tracks are called in the message.
        lost: the genre of every file that was left out, or nothing where it has none.
        smallest: genres with fewer tracks do not count.

    Raises:
        UserError: a single genre or too many, or one with too few tracks.
    """
    counts = Counter(genres)
    known = [g for g in sorted((set(counts) | set(lost)) - {""}) if counts[g] >= smallest]
    if len(known) < 2:
        left = f" and at least {smallest} of them (data.smallest_genre)" if smallest else ""
        raise UserError(
            f"data.path: {len(known)} genre found with {what}{left}: a classifier needs at least "
            "two"
        )
    if len(known) > MAXIMUM_GENRES:
        raise UserError(
            f"data.path: {len(known)} genres found with {what}, {known[0]!r} the first: give at "
            f"most {MAXIMUM_GENRES}, or leave out small ones with data.smallest_genre"
        )
    for genre in known:
        if (count := counts[genre]) < MINIMUM_TRACKS:
            raise UserError(
                f"data.path: genre {genre!r} has {count} {what}, too few for its splits: give at "
                f"least {MINIMUM_TRACKS} (training, validation, test), remove the genre, or leave "
                f"out small ones with data.smallest_genre, such as {MINIMUM_TRACKS}"
            )


def without_small_genres(
    entries: Sequence[Entry], smallest: int
) -> tuple[list[Entry], list[Quarantined]]:
    """Leave out the tracks of genres that have fewer than `smallest` of them.

    Args:
        entries: candidates or tracks.
        smallest: tracks that a genre needs; 0 leaves none out.

    Returns:
        The entries that are kept, and the others as quarantined.
    """
    counts = Counter(entry.genre for entry in entries)
    kept = [entry for entry in entries if counts[entry.genre] >= smallest]
    return kept, [
        Quarantined(
            entry.source,
            entry.genre,
            f"{SMALL}: {counts[entry.genre]} tracks, fewer than {smallest}",
        )
        for entry in entries
        if counts[entry.genre] < smallest
    ]


def keep_large_genres(
    stored: Sequence[Stored], smallest: int, folder: Path
) -> tuple[list[Stored], list[Quarantined]]:
    """Leave out genres of which fewer than `smallest` tracks could be used, and remove their audio.

    Args:
        stored: the tracks.
        smallest: tracks that a genre needs; 0 leaves none out.
        folder: where the genres' folders are.

    Returns:
        The tracks that are kept, and the others as quarantined.
    """
    kept, left_out = without_small_genres([track for track, _ in stored], smallest)
    for genre in {entry.genre for entry in left_out}:
        shutil.rmtree(folder / genre)
    names = {track.track for track in kept}
    return [one for one in stored if one.track.track in names], left_out
