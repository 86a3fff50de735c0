"""Tracks: validate each candidate, and store those that pass uniformly."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from detune.audio.constants import SAMPLE_RATE
from detune.audio.reading import UnusableTrackError
from detune.collection.shown_paths import harmless_path
from detune.collection.tracks import track_path
from detune.ingest.fingerprints import Fingerprint, fingerprint
from detune.ingest.validation import Recording, require_usable
from detune.support.files import replacing, sha256
from detune.support.pool import Lost, isolated_map

TRACK_COLUMNS = ("track", "genre", "seconds", "sha256", "source", "group", "notes")
QUARANTINE_COLUMNS = ("source", "genre", "reason")

BETWEEN_NOTES = "; "
"""What separates the notes of a track."""

COMPRESSION = 0.0
"""FLAC's least, of 0 to 1: a twentieth more bytes, decoded a seventh faster in every run."""

READ_TIMEOUT_SECONDS = 60.0
"""A track that takes longer is left out; an hour of audio takes a fraction of that."""


@dataclass(frozen=True)
class Candidate:
    """A track before it is read: its name, its genre, its source, and what was done to its name."""

    track: str
    genre: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class Track:
    """A stored track.

    `group` names the tracks that must stay in one split with it; `notes` say what was untidy in
    its file, and what was done about it.
    """

    track: str
    genre: str
    seconds: float
    sha256: str
    source: str
    group: str
    notes: str = ""


@dataclass(frozen=True)
class Quarantined:
    """A candidate that was left out, and why."""

    source: str
    genre: str
    reason: str


class Stored(NamedTuple):
    """A track and its fingerprint, taken while its samples were in memory."""

    track: Track
    fingerprint: Fingerprint


def store_audio(path: Path, audio: np.ndarray) -> None:
    """Write `audio` `(n,)` at 22,050 Hz to `path` as FLAC in 16 bits, without further loss.

    Raises:
        OSError: the disk is full or the folder not writable; it names `path`.
    """
    # Encoded in memory: libsndfile does not say why a file can't be written, or that it was not.
    encoded = io.BytesIO()
    how = {"format": "FLAC", "subtype": "PCM_16", "compression_level": COMPRESSION}
    soundfile.write(encoded, audio, SAMPLE_RATE, **how)
    with replacing(path) as temporary:
        temporary.write_bytes(encoded.getbuffer())


def store_tracks(
    candidates: Sequence[Candidate],
    read: Callable[[Candidate], Recording],
    folder: Path,
) -> tuple[list[Stored], list[Quarantined]]:
    """Write every usable candidate to its `track_path` (FLAC, mono, 22,050 Hz, 16 bit).

    Each track is a `group` of its own until it is compared with the others.

    Args:
        candidates: what to store.
        read: returns a candidate's samples, or raises `UnusableTrackError`; worker processes
            must be able to import it.
        folder: where the genres' folders go.

    Returns:
        The stored tracks and the candidates left out, each in the candidates' order.
    """
    for genre in {candidate.genre for candidate in candidates}:
        (folder / genre).mkdir(parents=True, exist_ok=True)
    read_all = isolated_map(
        partial(_store, read, folder),
        candidates,
        seconds=READ_TIMEOUT_SECONDS,
        label="ingest",
        unit="tracks",
    )
    outcomes = [
        _left_out(candidate, f"unreadable: it {outcome.reason}")
        if isinstance(outcome, Lost)
        else outcome
        for candidate, outcome in zip(candidates, read_all, strict=True)
    ]
    stored = [outcome for outcome in outcomes if isinstance(outcome, Stored)]
    quarantined = [outcome for outcome in outcomes if isinstance(outcome, Quarantined)]
    return stored, quarantined


def _store(
    read: Callable[[Candidate], Recording], folder: Path, candidate: Candidate
) -> Stored | Quarantined:
    """Read, validate and write one candidate."""
    try:
        audio, notes = read(candidate)
        require_usable(audio)
    except UnusableTrackError as error:
        return _left_out(candidate, str(error))
    path = track_path(folder, candidate.genre, candidate.track)
    store_audio(path, audio)
    track = Track(
        track=candidate.track,
        genre=candidate.genre,
        seconds=audio.size / SAMPLE_RATE,
        sha256=sha256(path),
        source=harmless_path(candidate.source),
        group=candidate.track,
        notes=BETWEEN_NOTES.join(filter(None, [candidate.note, *notes])),
    )
    return Stored(track, fingerprint(audio))


def _left_out(candidate: Candidate, reason: str) -> Quarantined:
    """The candidate as one that was left out."""
    return Quarantined(harmless_path(candidate.source), candidate.genre, reason)
