"""Containers: whether an audio file is one, and holds all that its headers promise.

Decoders make do with what is there: they shorten, skip and splice without a word. So each file's
structure is walked first, without decoding it. `require_whole` does that for any file, and
`FlacChecksum` compares decoded samples with what a FLAC file says of them.
"""

from detune.ingest.containers.flac import FlacChecksum, flac_checksum
from detune.ingest.containers.whole import require_whole

__all__ = ["FlacChecksum", "flac_checksum", "require_whole"]
