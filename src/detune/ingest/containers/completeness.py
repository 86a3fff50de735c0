"""Walk over any file, and say by one rule whether what is missing makes it unusable."""

from __future__ import annotations

from collections.abc import Callable
from mmap import mmap

from detune.audio.reading import UnusableTrackError, require_not_too_long
from detune.ingest.containers.chunks import walk_aiff, walk_au
from detune.ingest.containers.flac import walk_flac
from detune.ingest.containers.mpeg import find_frames, skip_id3, skip_untidy, walk_mpeg
from detune.ingest.containers.ogg import walk_ogg
from detune.ingest.containers.packets import container_of, walk_packets
from detune.ingest.containers.walk import CONVERT, Walk
from detune.ingest.containers.wav import walk_wav

WALKS: dict[bytes, Callable[[bytes | mmap], Walk]] = {
    b"RIFF": walk_wav,
    b"RIFX": walk_wav,
    b"RF64": walk_wav,
    b"FORM": walk_aiff,
    b".snd": walk_au,
    b"dns.": walk_au,
    b"OggS": walk_ogg,
}
"""By the first four bytes of the file; MPEG audio has none."""


def walk_file(data: bytes | mmap) -> Walk:
    """Walk over a file of any kind.

    Raises:
        UnusableTrackError: it is no audio, or damaged.
    """
    start = skip_id3(data)
    name = data[start : start + 4]
    if name == b"fLaC":
        return walk_flac(data, start)
    walk = WALKS.get(name)
    if walk and start:
        return walk(data[start:]).moved(start)
    if walk:
        return walk(data)
    if container := container_of(data):
        return walk_packets(data, container)
    untidy = skip_untidy(data, 0)
    if find_frames(data) >= 0 or data[untidy : untidy + 1] == b"\xff" or start:
        return walk_mpeg(data)
    raise UnusableTrackError(f"unreadable: no audio of a kind that is read: {CONVERT}")


def require_complete(walk: Walk, allowed: float) -> tuple[str, ...]:
    """Return what is untidy about a file, each kind once.

    This is the only rule on length: `allowed` seconds may be missing at the end of what headers
    promise, be left over behind it, or be what decoders give more or less than frames say.

    Raises:
        UnusableTrackError: more than that is missing or left over.
    """
    whole = walk.seconds + walk.missing
    if walk.missing > allowed:
        raise UnusableTrackError(
            f"truncated: {walk.missing:.2f} s of {whole:.2f} s are missing at its end"
        )
    if walk.extra > allowed:
        raise UnusableTrackError(
            f"damaged: {walk.extra:.2f} s more than its header says, in what may be no audio"
        )
    require_not_too_long(walk.seconds)
    missing = (f"end missing: {1000 * walk.missing:.1f} ms",) if walk.missing else ()
    several = (f"joined: {len(walk.parts)} recordings in one file",) if walk.parts[1:] else ()
    return (*walk.notes, *missing, *several)


def require_all_read(read: float, walked: float, allowed: float, missing: float = 0.0) -> None:
    """Compare what a decoder gives with what frames say, and what is missing of these, all in s.

    Raises:
        UnusableTrackError: it gives more or less.
    """
    if not missing - allowed <= read - walked <= allowed:
        raise UnusableTrackError(
            f"not read in full: the decoder reads {read:.2f} s of {walked:.2f} s"
        )
