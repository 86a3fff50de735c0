"""Tell an audio file's container by its first bytes, and have it checked."""

from __future__ import annotations

from mmap import mmap

from detune.audio.reading import UnusableTrackError
from detune.ingest.containers.chunks import require_whole_aiff, require_whole_au, require_whole_wav
from detune.ingest.containers.flac import require_flac
from detune.ingest.containers.mpeg import require_whole_mpeg, skip_id3
from detune.ingest.containers.ogg import require_whole_ogg

CHECKS = {
    b"RIFF": require_whole_wav,
    b"RIFX": require_whole_wav,
    b"RF64": require_whole_wav,
    b"FORM": require_whole_aiff,
    b".snd": require_whole_au,
    b"dns.": require_whole_au,
    b"OggS": require_whole_ogg,
    b"fLaC": require_flac,
}
"""By the first four bytes of the file; MPEG audio has none."""


def require_whole(data: bytes | mmap) -> None:
    """Raise `UnusableTrackError` where `data`, a file, is no audio or lacks what it promises."""
    start = skip_id3(data)
    check = CHECKS.get(data[start : start + 4])
    if check is not None:
        check(data)
    elif data[start : start + 1] == b"\xff":
        require_whole_mpeg(data)
    else:
        raise UnusableTrackError("unreadable: neither WAV, AU, AIFF, FLAC, Ogg nor MP3")
