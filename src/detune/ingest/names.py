"""Names from files: which can be used, and how a genre's is written."""

from __future__ import annotations

import re

from detune.collection.shown_paths import FORMULAS

RENAMED = (
    "renamed: a spreadsheet would take its genre, as the folder or file gives it, for a formula"
)

NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and bytes of a name that are no UTF-8."""


def fault_of_path(path: str) -> str:
    """Why a path within a collection, parts joined by `/`, can't be used, or nothing."""
    parts = path.split("/")
    if "" in parts or ".." in parts:
        return "unusable name: it leads out of its folder"
    if NO_TEXT.search(path):
        return "unusable name: it contains characters that are no text"
    return ""


def harmless_name(name: str) -> str:
    """A genre's name with `_` before it where it begins like a formula, or an option."""
    return f"_{name}" if name.startswith(FORMULAS) else name
