"""What was left out of a collection, in the words of the line that closes a stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from detune.ingest.genre_sizes import SMALL
from detune.ingest.labelled import MISSING
from detune.ingest.tracks import Quarantined

NAMED = 10
"""Genres that are named at most; `data/quarantine.csv` names the others."""


def small_genres(kept: Collection[str], quarantined: Sequence[Quarantined]) -> dict[str, int]:
    """Genres of which no track is kept, with their number of tracks, which was too small.

    Args:
        kept: the genre of every track that is kept.
        quarantined: all that is left out.
    """
    tracks = Counter(entry.genre for entry in quarantined if entry.reason.startswith(SMALL))
    return {genre: tracks[genre] for genre in sorted(tracks) if genre not in kept}


def describe(
    quarantined: Sequence[Quarantined], unlisted: int, small: Mapping[str, int]
) -> list[str]:
    """Say what a table lists and is not there, what it does not list, and which genres are gone.

    Args:
        quarantined: all that is left out.
        unlisted: how many audio files a table does not list.
        small: genres that are left out, with their number of tracks.
    """
    missing = [entry.source for entry in quarantined if entry.reason == MISSING]
    parts = [f"{len(missing)} missing files, {missing[0]!r} the first"] if missing else []
    if unlisted:
        parts.append(f"{unlisted} files that data.labels does not list")
    if small:
        names = [f"{genre} ({count})" for genre, count in small.items()][:NAMED]
        more = f" and {len(small) - NAMED} more" if len(small) > NAMED else ""
        parts.append(f"small genres left out, with their tracks: {', '.join(names)}{more}")
    return parts
