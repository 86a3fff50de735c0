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
from detune.isolation import Lost, isolated_map

TRACK_COLUMNS = ("track", "genre", "seconds", "sha256", "source", "group")
QUARANTINE_COLUMNS = ("source", "genre", "reason")

LONGEST_READ_SECONDS = 60.0
"""A track that takes longer is left out: an hour of audio decodes in a fraction of that."""


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
    stored = isolated_map(
        partial(_store, read, folder),
        candidates,
        seconds=LONGEST_READ_SECONDS,
        label="ingest",
        unit="tracks",
    )
    outcomes = [
        _left_out(candidate, f"unreadable: it {outcome.reason}")
        if isinstance(outcome, Lost)
        else outcome
        for candidate, outcome in zip(candidates, stored, strict=True)
    ]
    tracks = [outcome for outcome in outcomes if isinstance(outcome, Track)]
    quarantined = [outcome for outcome in outcomes if isinstance(outcome, Quarantined)]
    return _grouped(tracks), quarantined


def repeated_groups(tracks: Sequence[Track]) -> int:
    """How many groups have more than one track."""
    return sum(size > 1 for size in Counter(track.group for track in tracks).values())


def reasons(quarantined: Sequence[Quarantined]) -> dict[str, int]:
    """How many were left out for each kind of reason, which is what stands before its colon."""
    kinds = Counter(entry.reason.partition(":")[0] for entry in quarantined)
    return dict(sorted(kinds.items()))


def _store(
    read: Callable[[Candidate], np.ndarray], folder: Path, candidate: Candidate
) -> Track | Quarantined:
    """Read, doubt and write one candidate."""
    try:
        audio = read(candidate)
        require_usable(audio)
    except UnusableTrackError as error:
        return _left_out(candidate, str(error))
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


def _left_out(candidate: Candidate, reason: str) -> Quarantined:
    """The candidate as one that was left out."""
    return Quarantined(candidate.source, candidate.genre, reason)


def _grouped(tracks: Sequence[Track]) -> list[Track]:
    """Give tracks with identical audio the name of the first of them as their group."""
    first: dict[str, str] = {}
    return [replace(track, group=first.setdefault(track.sha256, track.track)) for track in tracks]
