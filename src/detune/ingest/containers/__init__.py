"""Containers: what a file holds by its frames, pages or chunks, whatever a decoder makes of it.

Decoders accept incomplete files: they shorten, skip and join without a warning. So each file is
walked over first, without decoding it: `walk_file`. `require_complete` judges what is missing, and
`require_all_read` holds what was decoded against the walk; `FlacChecksum` compares samples with
the checksum in a FLAC file.
"""

from detune.ingest.containers.completeness import require_all_read, require_complete, walk_file
from detune.ingest.containers.flac import FlacChecksum, flac_checksum
from detune.ingest.containers.mpeg import skip_id3
from detune.ingest.containers.walk import Part, Walk

__all__ = [
    "FlacChecksum",
    "Part",
    "Walk",
    "flac_checksum",
    "require_all_read",
    "require_complete",
    "skip_id3",
    "walk_file",
]
