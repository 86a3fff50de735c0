"""Tracks on disk: where the audio of each is stored."""

from __future__ import annotations

from pathlib import Path


def track_path(folder: Path, genre: str, track: str) -> Path:
    """Where the audio of a track is stored in `folder`."""
    return folder / genre / f"{track}.flac"
