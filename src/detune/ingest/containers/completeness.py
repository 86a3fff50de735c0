"""Recognise the container of an audio file by its first bytes, and check it."""

from __future__ import annotations

from mmap import mmap

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.chunks import (
    require_complete_aiff,
    require_complete_au,
    require_complete_wav,
)
from detune.ingest.containers.flac import require_flac
from detune.ingest.containers.mpeg import require_complete_mpeg, skip_id3
from detune.ingest.containers.ogg import require_complete_ogg

CHECKS = {
    b"RIFF": require_complete_wav,
    b"RIFX": require_complete_wav,
    b"RF64": require_complete_wav,
    b"FORM": require_complete_aiff,
    b".snd": require_complete_au,
    b"dns.": require_complete_au,
    b"OggS": require_complete_ogg,
    b"fLaC": require_flac,
}
"""By the first four bytes of the file; MPEG audio has none."""


def require_complete(data: bytes | mmap) -> None:
    """Raise `UnusableTrackError` where `data`, a file, is no audio or is incomplete."""
    start = skip_id3(data)
    check = CHECKS.get(data[start : start + 4])
    if check is not None:
        check(data)
    elif data[start : start + 1] == b"\xff":
        require_complete_mpeg(data)
    else:
        raise UnusableTrackError("unreadable: neither WAV, AU, AIFF, FLAC, Ogg nor MP3")
