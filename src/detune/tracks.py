"""Tracks: doubt each candidate, and store what passes uniformly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import soundfile

from detune.audio import SAMPLE_RATE, UnusableTrackError, require_usable
from detune.files import sha256
from detune.parallel import parallel_map

TRACK_COLUMNS = ("track", "genre", "seconds", "sha256", "source", "group")
QUARANTINE_COLUMNS = ("source", "genre", "reason")


@dataclass(frozen=True)
class Candidate:
    """A track before it was looked into: its name, its genre and where it comes from."""

    track: str
    genre: str
    source: str


@dataclass(frozen=True)
class Track:
    """A stored track; `group` names the tracks that must stay in one split with it."""

    track: str
    genre: str
    seconds: float
    sha256: str
    source: str
    group: str


@dataclass(frozen=True)
class Quarantined:
    """A candidate that was left out, and why."""

    source: str
    genre: str
    reason: str


def track_path(folder: Path, genre: str, track: str) -> Path:
    """Where the audio of a track is stored in `folder`."""
    return folder / genre / f"{track}.flac"


def store_tracks(
    candidates: Sequence[Candidate],
    read: Callable[[Candidate], np.ndarray],
    folder: Path,
) -> tuple[list[Track], list[Quarantined]]:
    """Write every usable candidate to its `track_path` (FLAC, mono, 22,050 Hz, 16 bit).

    Tracks with the same audio become one `group`, named after the first of them.

    Args:
        candidates: what to store.
        read: returns a candidate's samples, `(n,)` float32 at 22,050 Hz, or raises
            `UnusableTrackError`; worker processes must be able to import it.
        folder: where the genres' folders go.

    Returns:
        The stored tracks and the candidates left out, each in the candidates' order.
    """
    for genre in {candidate.genre for candidate in candidates}:
        (folder / genre).mkdir(parents=True, exist_ok=True)
    outcomes = list(
        parallel_map(partial(_store, read, folder), candidates, label="ingest", unit="tracks")
    )
    tracks = [outcome for outcome in outcomes if isinstance(outcome, Track)]
    quarantined = [outcome for outcome in outcomes if isinstance(outcome, Quarantined)]
    return _grouped(tracks), quarantined


def repeated_groups(tracks: Sequence[Track]) -> int:
    """How many groups have more than one track."""
    return sum(size > 1 for size in Counter(track.group for track in tracks).values())


def _store(
    read: Callable[[Candidate], np.ndarray], folder: Path, candidate: Candidate
) -> Track | Quarantined:
    """Read, doubt and write one candidate."""
    try:
        audio = read(candidate)
        require_usable(audio)
    except UnusableTrackError as error:
        return Quarantined(candidate.source, candidate.genre, str(error))
    path = track_path(folder, candidate.genre, candidate.track)
    soundfile.write(path, audio, SAMPLE_RATE, subtype="PCM_16")
    return Track(
        track=candidate.track,
        genre=candidate.genre,
        seconds=audio.size / SAMPLE_RATE,
        sha256=sha256(path),
        source=candidate.source,
        group=candidate.track,
    )


def _grouped(tracks: Sequence[Track]) -> list[Track]:
    """Give tracks with identical audio the name of the first of them as their group."""
    first: dict[str, str] = {}
    return [replace(track, group=first.setdefault(track.sha256, track.track)) for track in tracks]
