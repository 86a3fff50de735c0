"""Paths in tables and messages, written so that terminals and spreadsheets take them for text."""

from __future__ import annotations

import os

FORMULAS = ("=", "+", "-", "@")
"""Beginnings of a field that spreadsheets compute instead of showing it."""


def harmless_path(path: str) -> str:
    """A path with `./` before it where it begins like a formula, and what can't be seen escaped.

    Escaped are bytes that are no text, and characters that move the cursor or the direction.
    """
    shown = os.fsencode(path).decode("utf-8", "backslashreplace")
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in shown)
    return f"./{shown}" if shown.startswith(FORMULAS) else shown
