"""Fonts: letters that the usual font lacks come from any installed one that has them."""

from __future__ import annotations

import multiprocessing
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from warnings import catch_warnings, filterwarnings

from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, fontManager, get_font
from matplotlib.text import Text

USUAL = "DejaVu Sans"
"""The font that Matplotlib brings along; it has Latin, Greek, Cyrillic and some Arabic letters."""

LAST_RESORT = "lastresort"
"""Part of the names of fonts that have a box for every letter."""

_told: set[str] = set()


@contextmanager
def fitting_fonts(figure: Figure) -> Iterator[None]:
    """Give each text of a figure fonts that have its letters, before it is drawn.

    Scripts that no installed font has are named once, on standard error, and drawn as boxes.
    """
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if missing := _missing(text.get_text(), USUAL):
            fonts, without = _fonts_for(missing)
            text.set_fontfamily([USUAL, *fonts])
            _tell(without)
    with catch_warnings():
        filterwarnings("ignore", message="Glyph .* missing from")
        filterwarnings("ignore", message="Matplotlib currently does not support")  # joined letters
        yield


def _missing(letters: str | frozenset[str], font: str) -> frozenset[str]:
    """The letters that a font lacks."""
    if isinstance(letters, str) and letters.isascii():
        return frozenset()
    known = _letters(font)
    return frozenset(letter for letter in letters if ord(letter) not in known and letter > " ")


@cache
def _letters(font: str) -> frozenset[int]:
    """The letters of an installed font; none where it can't be read."""
    try:
        path = findfont(font, fallback_to_default=False, rebuild_if_missing=False)
        return frozenset(get_font(path).get_charmap())
    except (OSError, RuntimeError, ValueError):
        return frozenset()


@cache
def _fonts_for(letters: frozenset[str]) -> tuple[list[str], frozenset[str]]:
    """Installed fonts that have `letters`, as few as can be, and the letters that none has."""
    installed = sorted({entry.name for entry in fontManager.ttflist})
    fonts: list[str] = []
    for _ in installed:
        has = {
            name: sum(ord(letter) in _letters(name) for letter in letters)
            for name in installed
            if LAST_RESORT not in name.replace(" ", "").lower()
        }
        best = max(has, key=lambda name: has[name], default="")
        if not letters or not best or not has[best]:
            break
        fonts.append(best)
        letters = _missing(letters, best)
    return fonts, letters


def _tell(letters: frozenset[str]) -> None:
    """Say once which scripts are missing; the processes that draw pictures leave it to this one."""
    scripts = {unicodedata.name(letter, "UNKNOWN").split()[0].capitalize() for letter in letters}
    if scripts - _told and multiprocessing.parent_process() is None:
        names = ", ".join(sorted(scripts - _told))
        shown = "".join(sorted(letters)[:8])
        print(
            f"pictures: no installed font has {names} letters ({shown}), which become boxes: "
            "install one, such as Noto Sans",
            file=sys.stderr,
        )
    _told.update(scripts)
