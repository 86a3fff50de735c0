"""Audio formats: which files are read, and which are named as music that is not."""

from __future__ import annotations

AUDIO_SUFFIXES = (
    *(".wav", ".bwf", ".rf64", ".w64", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf"),
    *(".flac", ".wv", ".tta", ".ogg", ".oga", ".opus", ".mp3", ".mp2"),
    *(".m4a", ".m4b", ".mp4", ".aac", ".wma", ".webm", ".mka"),
)
"""Endings of the files that are read, in upper or lower case."""

UNREAD_SUFFIXES = (
    *(".ape", ".mpc", ".mp+", ".tak", ".ofr", ".shn", ".ra", ".rm", ".dsf", ".dff", ".vqf"),
    *(".amr", ".ac3", ".ec3", ".dts", ".spx", ".m4p", ".aax", ".voc", ".sd2", ".8svx"),
    *(".mid", ".midi", ".kar", ".xm", ".s3m"),
    *(".3gp", ".3g2", ".asf", ".wmv", ".mkv", ".mov", ".avi", ".flv", ".mpg", ".mpeg", ".ogv"),
)
"""Endings of what is music, or may hold some, and is not read, but named in the quarantine."""

NOT_READ = "format not read: convert it, for example with ffmpeg"
"""Why a file of the second kind is in the quarantine."""


def is_audio(name: str) -> bool:
    """Whether a file's name ends like audio, of a format that is read or not."""
    return name.lower().endswith((*AUDIO_SUFFIXES, *UNREAD_SUFFIXES))
