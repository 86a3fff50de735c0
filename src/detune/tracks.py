"""Tracks: doubt each candidate, and store what passes uniformly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from detune.audio import SAMPLE_RATE, UnusableTrackError, require_usable
from detune.files import sha256
from detune.fingerprints import Fingerprint, fingerprint
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


class Stored(NamedTuple):
    """A track and its fingerprint, taken while its samples were at hand."""

    track: Track
    fingerprint: Fingerprint


def track_path(folder: Path, genre: str, track: str) -> Path:
    """Where the audio of a track is stored in `folder`."""
    return folder / genre / f"{track}.flac"


def store_tracks(
    candidates: Sequence[Candidate],
    read: Callable[[Candidate], np.ndarray],
    folder: Path,
) -> tuple[list[Stored], list[Quarantined]]:
    """Write every usable candidate to its `track_path` (FLAC, mono, 22,050 Hz, 16 bit).

    Each track is a `group` of its own until it is compared with the others.

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
    stored = [outcome for outcome in outcomes if isinstance(outcome, Stored)]
    quarantined = [outcome for outcome in outcomes if isinstance(outcome, Quarantined)]
    return stored, quarantined


def _store(
    read: Callable[[Candidate], np.ndarray], folder: Path, candidate: Candidate
) -> Stored | Quarantined:
    """Read, doubt and write one candidate."""
    try:
        audio = read(candidate)
        require_usable(audio)
    except UnusableTrackError as error:
        return Quarantined(candidate.source, candidate.genre, str(error))
    path = track_path(folder, candidate.genre, candidate.track)
    soundfile.write(path, audio, SAMPLE_RATE, subtype="PCM_16")
    track = Track(
        track=candidate.track,
        genre=candidate.genre,
        seconds=audio.size / SAMPLE_RATE,
        sha256=sha256(path),
        source=candidate.source,
        group=candidate.track,
    )
    return Stored(track, fingerprint(audio))
