"""A folder of music whose names and contents are as hostile as a file system allows."""

from __future__ import annotations

import csv
import os
import socket
from pathlib import Path

import numpy as np

from detune.ingest.names import FORMULAS, NO_TEXT
from tests.encoded import encoded

GENRES = (
    "=cmd|' !A0",
    "$\\frac{1}{0}$ ^_{",
    '<script>alert("1")<',
    "-rf ${data.path} {{7*7}}",
)
"""A formula, TeX, markup, and an option with templates."""

NAMES = (
    "+1.wav",
    "@SUM(A1) `ls`; $(ls) & | \\ %s %(x)s.wav",
    "é\N{RIGHT-TO-LEFT OVERRIDE}\N{GRINNING FACE}\N{COMBINING ENCLOSING KEYCAP}.wav",
    "y" * 160 + ".wav",
)
"""Of the tracks in each genre."""

REFUSED = {
    "-newline\n.wav": "characters that are no text",
    "\x1b[31mred\x07.wav": "characters that are no text",
    "x" * 251 + ".wav": "longer than 200 bytes",
}
"""Names that can't be used, with words of the reason."""


def make_music(folder: Path) -> list[str]:
    """Fill `folder` with tracks of 3.2 s under hostile names; return those left out, by name."""
    random = np.random.default_rng(0)
    for number, genre in enumerate(GENRES):
        (folder / genre).mkdir(parents=True)
        names = [*NAMES, *(REFUSED if number == 0 else ())]
        for name in names:
            hum = np.sin(np.arange(28_000) * (number + 1) / 9)[:, None]
            sound = 0.2 * hum + random.uniform(-0.3, 0.3, (28_000, 1))
            (folder / genre / name).write_bytes(encoded("wav", sound, 8_000))
    (folder / GENRES[1] / "=broken.wav").write_bytes(b"RIFF")
    return [*REFUSED, "=broken.wav"]


def make_special_files(folder: Path) -> list[Path]:
    """Put a pipe, a socket, a link to a device and a name that is no UTF-8 into `folder`."""
    pipe, device = folder / GENRES[0] / "pipe.wav", folder / GENRES[1] / "zero.wav"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    talk, latin = folder / "talk", folder / os.fsdecode(b"M\xfasica.wav")
    here = Path.cwd()
    os.chdir(folder)  # the path of a socket may be 108 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(talk.name)
    finally:
        os.chdir(here)
    latin.touch()
    return [pipe, device, talk, latin]


def faults_of_tables(folder: Path) -> list[str]:
    """Fields of CSVs in `folder` that a spreadsheet would compute, or with control characters."""
    return [
        f"{path.relative_to(folder)}: {field!r}"
        for path in sorted(folder.rglob("*.csv"))
        for row in csv.reader(path.open(newline="", encoding="utf-8"))
        for field in row
        if not _is_number(field) and (field.startswith(FORMULAS) or NO_TEXT.search(field))
    ]


def _is_number(field: str) -> bool:
    try:
        float(field.removesuffix(" dB"))
    except ValueError:
        return False
    return True
