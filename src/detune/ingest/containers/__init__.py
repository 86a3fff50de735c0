"""Containers: whether a file is audio, and holds all that its headers announce.

Decoders accept incomplete files: they shorten, skip and join without a warning. So the structure of
each file is checked first, without decoding it. `require_complete` does that for any file, and
`FlacChecksum` compares decoded samples with the checksum in a FLAC file.
"""

from detune.ingest.containers.completeness import require_complete
from detune.ingest.containers.flac import FlacChecksum, flac_checksum

__all__ = ["FlacChecksum", "flac_checksum", "require_complete"]
