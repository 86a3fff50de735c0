"""Compose or read every track, and store the usable ones uniformly."""

from dataclasses import asdict
from pathlib import Path

from harness import run

from detune.collection.grouping import count_repeats
from detune.collection.quarantine import count_reasons
from detune.ingest.duplicates import DUPLICATE_COLUMNS, find_duplicates, grouped
from detune.ingest.source import open_source, require_tracks
from detune.ingest.tracks import QUARANTINE_COLUMNS, TRACK_COLUMNS, store_tracks
from detune.support.files import write_csv, write_json
from detune.support.params import Params


def ingest(params: Params) -> str:
    """From `data.path` to `data/tracks/<genre>/<track>.flac` and their table."""
    source = open_source(Path(params.data.path))
    with source.reader(Path("data")) as read:
        stored, quarantined = store_tracks(source.candidates, read, Path("data/tracks"))
    quarantined = source.quarantined + quarantined
    write_csv(Path("data/quarantine.csv"), QUARANTINE_COLUMNS, map(asdict, quarantined))
    usable = "usable tracks (data/quarantine.csv says why)"
    require_tracks((track.genre for track, _ in stored), usable if quarantined else "tracks")
    duplicates = find_duplicates(stored)
    tracks = grouped([track for track, _ in stored], duplicates)
    write_csv(Path("data/tracks.csv"), TRACK_COLUMNS, map(asdict, tracks))
    write_csv(Path("data/duplicates.csv"), DUPLICATE_COLUMNS, map(asdict, duplicates))
    counts = {
        "tracks": len(tracks),
        "genres": len({track.genre for track in tracks}),
        "quarantined": len(quarantined),
    } | count_repeats([track.group for track in tracks], [track.genre for track in tracks])
    write_json(
        Path("metrics/ingest.json"),
        {**counts, "reasons": count_reasons(entry.reason for entry in quarantined)},
    )
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())


if __name__ == "__main__":
    run(ingest)
