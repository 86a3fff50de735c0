"""Turn FMA's `tracks.csv` into a table of labels (data.labels).

python -m detune.tools.fma TRACKS.csv LABELS.csv [--subset small] [--own-split]
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from detune.collection.labels import LABEL_COLUMNS
from detune.collection.user_table import long_fields
from detune.support.errors import UserError
from detune.support.files import write_csv

SUBSETS = ("small", "medium", "large", "full")
"""FMA's subsets; each has all tracks of those before it."""

SPLITS = {"training": "train", "validation": "validation", "test": "test", "": ""}
"""FMA's names of the splits, and those here."""

COLUMNS = {
    "subset": ("set", "subset"),
    "split": ("set", "split"),
    "genre": ("track", "genre_top"),
    "group": ("artist", "id"),
}
"""Columns that are read, by the names in the first two lines of the header."""


class Converted(NamedTuple):
    """Rows of a table of labels, how many have no genre or are of other subsets, new spellings."""

    rows: list[dict[str, str]]
    without_genre: int
    of_other_subsets: int
    respelt: dict[str, str]


def convert(path: Path, subset: str = "full", own_split: bool = False) -> Converted:
    """Read FMA's `tracks.csv` (Defferrard et al. 2017).

    Args:
        path: the file, with a header of three lines.
        subset: small, medium, large or full.
        own_split: leave FMA's split out, so that artists are split anew.

    Raises:
        UserError: it can't be read, or is another table.
    """
    within = SUBSETS[: SUBSETS.index(subset) + 1]
    rows, counts, respelt = [], Counter[str](), {}
    for line, number, row in _tracks(path):
        if row["subset"] not in SUBSETS or row["split"] not in SPLITS:
            raise UserError(
                f"{path}, line {line}: subset {row['subset']!r}, split {row['split']!r}: give FMA's"
            )
        if row["subset"] not in within:
            counts["of_other_subsets"] += 1
        elif not row["genre"]:
            counts["without_genre"] += 1
        else:
            genre = row["genre"].replace("/", "-")
            if genre != row["genre"]:
                respelt[row["genre"]] = genre
            split = "" if own_split else SPLITS[row["split"]]
            name = f"{number // 1000:03}/{number:06}.mp3"
            values = (name, genre, row["group"], split)
            rows.append(dict(zip(LABEL_COLUMNS, values, strict=True)))
    if not rows:
        raise UserError(f"{path}: no track of {subset} with a genre: give FMA's tracks.csv")
    return Converted(rows, counts["without_genre"], counts["of_other_subsets"], respelt)


def _tracks(path: Path) -> Iterator[tuple[int, int, dict[str, str]]]:
    """Line, number and `COLUMNS` of each track."""
    try:
        with long_fields(), path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            places = _places(path, [next(reader, []) for _ in range(3)])
            for row in reader:
                if not row:
                    continue
                if len(row) <= max(places.values()) or not row[0].isdecimal():
                    raise UserError(
                        f"{path}, line {reader.line_num}: no track: fetch FMA's tracks.csv again"
                    )
                values = {name: row[place].strip() for name, place in places.items()}
                yield reader.line_num, int(row[0]), values
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} can't be read: {' '.join(str(error).split())}") from error


def _places(path: Path, header: Sequence[Sequence[str]]) -> dict[str, int]:
    """Where the columns are, by the header's three lines."""
    names = list(zip(header[0], header[1], strict=False))
    for column in COLUMNS.values():
        if column not in names or header[2][:1] != ["track_id"]:
            raise UserError(
                f"{path}: its first three lines have no column {' '.join(column)} above track_id: "
                "give FMA's tracks.csv, of fma_metadata.zip"
            )
    return {name: names.index(column) for name, column in COLUMNS.items()}


def main(arguments: Sequence[str]) -> str:
    """Convert the table named by `arguments`; return what was done."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {__spec__.name}",
        description="Turn FMA's tracks.csv into a table of labels (data.labels).",
    )
    parser.add_argument("tracks", type=Path, help="tracks.csv of fma_metadata.zip")
    parser.add_argument("labels", type=Path, help="the table to write, a .csv")
    parser.add_argument("--subset", choices=SUBSETS, default=SUBSETS[-1])
    parser.add_argument(
        "--own-split", action="store_true", help="leave FMA's split out: artists are split anew"
    )
    options = parser.parse_args(arguments)
    found = convert(options.tracks, options.subset, options.own_split)
    write_csv(options.labels, LABEL_COLUMNS, found.rows)
    genres, artists = ({row[name] for row in found.rows} - {""} for name in ("genre", "group"))
    parts = [f"{options.labels}: {len(found.rows)} tracks of {len(genres)} genres"]
    parts.append(f"{len(artists)} artists; left out: {found.without_genre} without genre_top")
    parts.append(f"{found.of_other_subsets} of other subsets")
    told = "".join(f"; {old!r} is written {new!r}" for old, new in found.respelt.items())
    return ", ".join(parts) + told


if __name__ == "__main__":
    try:
        print(f"fma: {main(sys.argv[1:])}")
    except (UserError, OSError) as error:
        sys.exit(f"fma: error: {error}")
