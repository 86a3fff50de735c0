"""What `metrics/ingest.json` counts: tracks, genres, what was left out, and what was noted."""

from __future__ import annotations

from collections.abc import Sequence

from detune.collection.grouping import count_repeats
from detune.collection.quarantine import count_reasons
from detune.ingest.tracks import BETWEEN_NOTES, Quarantined, Track


def count_tracks(
    tracks: Sequence[Track], quarantined: Sequence[Quarantined], unlisted: int, small_genres: int
) -> dict[str, int]:
    """Count tracks, genres, what is left out, tracks with a note, and duplicates.

    Args:
        tracks: all that are kept.
        quarantined: all that are left out.
        unlisted: how many audio files a table of labels does not list.
        small_genres: how many genres are left out.
    """
    return {
        "tracks": len(tracks),
        "genres": len({track.genre for track in tracks}),
        "quarantined": len(quarantined),
        "unlisted": unlisted,
        "small_genres": small_genres,
        "noted": sum(bool(track.notes) for track in tracks),
    } | count_repeats([track.group for track in tracks], [track.genre for track in tracks])


def count_causes(
    tracks: Sequence[Track], quarantined: Sequence[Quarantined]
) -> dict[str, dict[str, int]]:
    """Count the kinds of reasons for leaving out, and of notes, the most frequent first."""
    notes = (note for track in tracks for note in track.notes.split(BETWEEN_NOTES))
    return {
        "reasons": count_reasons(entry.reason for entry in quarantined),
        "notes": count_reasons(notes),
    }
