"""Compose or read every track, and store the usable ones uniformly."""

from dataclasses import asdict
from pathlib import Path

from harness import run

from detune.collection.grouping import count_repeats
from detune.collection.quarantine import count_reasons, heavy_losses
from detune.ingest.duplicates import DUPLICATE_COLUMNS, find_duplicates, grouped
from detune.ingest.source import open_source, require_tracks
from detune.ingest.tracks import (
    BETWEEN_NOTES,
    QUARANTINE_COLUMNS,
    TRACK_COLUMNS,
    store_tracks,
)
from detune.support.files import write_csv, write_json
from detune.support.params import Params


def ingest(params: Params) -> str:
    """From `data.path` to `data/tracks/<genre>/<track>.flac` and their table."""
    missing_ms, zip_names = params.data.missing_ms, params.data.zip_names
    source = open_source(Path(params.data.path), missing_ms, zip_names)
    with source.reader(Path("data")) as read:
        stored, quarantined = store_tracks(source.candidates, read, Path("data/tracks"))
    quarantined = source.quarantined + quarantined
    write_csv(Path("data/quarantine.csv"), QUARANTINE_COLUMNS, map(asdict, quarantined))
    usable = "usable tracks (data/quarantine.csv says why)"
    kept, lost = [track.genre for track, _ in stored], [entry.genre for entry in quarantined]
    require_tracks(kept, usable if quarantined else "tracks", lost)
    duplicates = find_duplicates(stored)
    tracks = grouped([track for track, _ in stored], duplicates)
    write_csv(Path("data/tracks.csv"), TRACK_COLUMNS, map(asdict, tracks))
    write_csv(Path("data/duplicates.csv"), DUPLICATE_COLUMNS, map(asdict, duplicates))
    counts = {
        "tracks": len(tracks),
        "genres": len({track.genre for track in tracks}),
        "quarantined": len(quarantined),
        "noted": sum(bool(track.notes) for track in tracks),
    } | count_repeats([track.group for track in tracks], [track.genre for track in tracks])
    reasons = count_reasons(entry.reason for entry in quarantined)
    notes = count_reasons(note for track in tracks for note in track.notes.split(BETWEEN_NOTES))
    write_json(Path("metrics/ingest.json"), {**counts, "reasons": reasons, "notes": notes})
    parts = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items()]
    return ", ".join(parts + heavy_losses(kept, lost))


if __name__ == "__main__":
    run(ingest)
