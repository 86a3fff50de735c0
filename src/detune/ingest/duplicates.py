"""Duplicates: tracks with the same recording, complete or in part, found by content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from detune.collection.grouping import group_names
from detune.ingest.matching import Match, find_matches
from detune.ingest.tracks import Stored, Track

DUPLICATE_COLUMNS = (
    "track",
    "genre",
    "other",
    "other_genre",
    "kind",
    "offset_seconds",
    "shared_seconds",
    "bit_errors",
)

IDENTICAL = "identical"
COPY = "copy"
EXCERPT = "excerpt"

COPY_SHARE = 0.9
"""Two tracks are copies where at least this share of the longer one is also in the other."""


@dataclass(frozen=True)
class Duplicate:
    """Two tracks that hold the same recording.

    Attributes:
        track: the earlier of the two in the collection.
        genre: its genre.
        other: the later.
        other_genre: its genre.
        kind: `identical` samples; a `copy` from end to end; or an `excerpt` in common.
        offset_seconds: the sound at t in `track` is at `t + offset_seconds` in `other`.
        shared_seconds: how much of either is in the other, to a second or so.
        bit_errors: share of the fingerprint's bits that differ there.
    """

    track: str
    genre: str
    other: str
    other_genre: str
    kind: str
    offset_seconds: float
    shared_seconds: float
    bit_errors: float


def find_duplicates(stored: Sequence[Stored]) -> list[Duplicate]:
    """Find the pairs of tracks that share a passage of 3 s or more, in the tracks' order.

    In a large set of copies not each pair is listed, but each copy is paired with another.
    """
    first: dict[str, int] = {}
    matches = []
    for place, (track, _) in enumerate(stored):
        earlier = first.setdefault(track.sha256, place)
        if earlier != place:
            matches.append(Match(earlier, place, 0.0, track.seconds, 0.0))
    # Of identical tracks, the first stands for all.
    different = list(first.values())
    matches += [
        match._replace(first=different[match.first], second=different[match.second])
        for match in find_matches([stored[place].fingerprint for place in different])
    ]
    return [_duplicate(stored, match) for match in sorted(matches)]


def grouped(tracks: Sequence[Track], duplicates: Iterable[Duplicate]) -> list[Track]:
    """Give each set of duplicates the name of its first track as their group."""
    pairs = ((pair.track, pair.other) for pair in duplicates)
    groups = group_names([track.track for track in tracks], pairs)
    return [replace(track, group=group) for track, group in zip(tracks, groups, strict=True)]


def _duplicate(stored: Sequence[Stored], match: Match) -> Duplicate:
    """A match as a row of the table."""
    one, other = stored[match.first].track, stored[match.second].track
    shared = min(match.shared, one.seconds, other.seconds)
    copied = shared >= COPY_SHARE * max(one.seconds, other.seconds)
    similar = COPY if copied else EXCERPT
    return Duplicate(
        track=one.track,
        genre=one.genre,
        other=other.track,
        other_genre=other.genre,
        kind=IDENTICAL if one.sha256 == other.sha256 else similar,
        offset_seconds=match.offset,
        shared_seconds=shared,
        bit_errors=match.errors,
    )
