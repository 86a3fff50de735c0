"""Compose or read every track, and store the usable ones uniformly."""

from dataclasses import asdict
from pathlib import Path

from harness import run

from detune.collection.labels import load_labels
from detune.collection.quarantine import heavy_losses
from detune.ingest.counts import count_causes, count_tracks
from detune.ingest.duplicates import DUPLICATE_COLUMNS, find_duplicates, grouped
from detune.ingest.genre_sizes import keep_large_genres, require_tracks
from detune.ingest.left_out import describe, small_genres
from detune.ingest.source import open_source
from detune.ingest.tracks import QUARANTINE_COLUMNS, TRACK_COLUMNS, store_tracks
from detune.params.sections import Params
from detune.support.atomic_outputs import atomic_outputs
from detune.support.files import write_csv, write_json

OUTPUTS = (
    *(Path("data", name) for name in ("tracks", "tracks.csv", "quarantine.csv", "duplicates.csv")),
    Path("metrics/ingest.json"),
)
REFUSED = Path("data/refused.csv")
"""What was left out of a collection that was refused for it; the earlier quarantine stays."""


def ingest(params: Params) -> str:
    """From `data.path` to `data/tracks/<genre>/<track>.flac` and their table."""
    missing_ms, zip_names = params.data.missing_ms, params.data.zip_names
    labels, smallest = load_labels(Path(params.data.labels)), params.data.smallest_genre
    source = open_source(Path(params.data.path), missing_ms, zip_names, labels, smallest)
    REFUSED.unlink(missing_ok=True)
    with atomic_outputs(*OUTPUTS) as (folder, table, quarantine, pairs, metrics):
        with source.reader(Path("data")) as read:
            stored, unusable = store_tracks(source.candidates, read, folder)
        stored, left_out = keep_large_genres(stored, smallest, folder)
        quarantined = source.quarantined + unusable + left_out
        kept, lost = [track.genre for track, _ in stored], [entry.genre for entry in quarantined]
        if quarantined:
            write_csv(REFUSED, QUARANTINE_COLUMNS, map(asdict, quarantined))
        usable = f"usable tracks ({REFUSED} says why)"
        require_tracks(kept, usable if quarantined else "tracks", lost, smallest)
        REFUSED.unlink(missing_ok=True)
        small = small_genres(kept, quarantined)
        duplicates = find_duplicates(stored)
        tracks = grouped([track for track, _ in stored], duplicates)
        write_csv(table, TRACK_COLUMNS, map(asdict, tracks))
        write_csv(quarantine, QUARANTINE_COLUMNS, map(asdict, quarantined))
        write_csv(pairs, DUPLICATE_COLUMNS, map(asdict, duplicates))
        counts = count_tracks(tracks, quarantined, source.unlisted, len(small))
        write_json(metrics, counts | count_causes(tracks, quarantined))
    parts = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items()]
    lost = [genre for genre in lost if genre not in small]
    return ", ".join(parts + heavy_losses(kept, lost) + describe(quarantined, 0, small))


if __name__ == "__main__":
    run(ingest)
