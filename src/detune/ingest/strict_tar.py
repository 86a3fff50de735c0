"""Strict tars: damage and endless headers are errors, where tarfile stops silently or recurses."""

from __future__ import annotations

import tarfile
from typing import Any

from detune.ingest.unpacking_limits import MeteredStream

MAX_HEADER_BYTES = 1 << 20
"""Size of a tar header that holds a long name; tarfile reads such a header into memory at once."""

MAX_HEADERS = 16
"""Headers of a tar that may describe one member; tarfile recurses once for each."""


class TarStream(MeteredStream):
    """The bytes of a tar, which ends with blocks of zeros; to read beyond is an error.

    tarfile would accept a missing end, or read on.
    """

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`; return how many bytes were read."""
        count = super().readinto(buffer)
        if not count:
            raise tarfile.ReadError("its end is missing")
        return count


EXTENDED_TYPES = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
)
"""Headers of a tar that describe the next one."""


class StrictHeader(tarfile.TarInfo):
    """A header of a tar; a damaged or huge one is an error, where tarfile stops silently."""

    @classmethod
    def fromtarfile(cls, tar: StrictTar) -> StrictHeader:  # type: ignore[override]
        """Read the next header."""
        try:
            return super().fromtarfile(tar)
        except tarfile.InvalidHeaderError as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(str(error)) from error

    # What a subclass may take over, and where every header passes, however tarfile came by it.
    def _proc_member(self, tar: StrictTar) -> Any:
        tar.chained = tar.chained + 1 if self.type in EXTENDED_TYPES else 0
        if tar.chained and self.size > MAX_HEADER_BYTES:
            raise tarfile.ReadError("a header far too long")
        if tar.chained > MAX_HEADERS:
            raise tarfile.ReadError("too many headers of one member")
        return super()._proc_member(tar)  # type: ignore[misc]


class StrictTar(tarfile.TarFile):
    """A tar of strict headers, which counts those that describe the next one."""

    tarinfo = StrictHeader
    chained = 0
