"""Names in zips: UTF-8 with or without the flag that says so, or in a named code page."""

from __future__ import annotations

import unicodedata
import zipfile

from detune.support.errors import UserError

UTF_8 = "utf-8"
"""The code page of all names that need no other one."""

UTF_8_FLAG = 0x800
"""Flag of a member whose name is UTF-8. macOS's Finder writes such names without it."""


def member_name(info: zipfile.ZipInfo, code_page: str) -> str:
    """The path of a member of a zip, with accents composed (NFC) and parts joined by `/`.

    Args:
        info: the member.
        code_page: of names that are not UTF-8; zips do not tell it.

    Raises:
        UserError: the name is in another code page, or in one that Python does not know.
    """
    raw = info.orig_filename
    if not info.flag_bits & UTF_8_FLAG:
        raw = _decoded(raw.encode("cp437"), code_page)  # what zipfile takes such names for
    return unicodedata.normalize("NFC", raw.partition("\0")[0].replace("\\", "/"))


def _decoded(name: bytes, code_page: str) -> str:
    """A name as text."""
    for known in (UTF_8, code_page):
        try:
            return name.decode(known)
        except UnicodeDecodeError:
            continue
    shown = name.decode("ascii", "backslashreplace")
    raise UserError(
        f"data.path: the name {shown} in its zip is not {code_page}: set data.zip_names to its "
        "code page (cp437 or cp850 of Western Windows, cp866, cp932, gbk, ...)"
    )
