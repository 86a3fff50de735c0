"""Labels: a CSV that names genres instead of folders, and perhaps groups and splits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detune.collection.shown_paths import harmless_path
from detune.collection.split_table import SPLITS
from detune.collection.user_table import UserTable, read_user_table
from detune.support.errors import UserError

KEY = "data.labels"
"""The parameter that names the CSV."""

SHIPPED = Path("data/labels.csv")
"""The table that comes with the project. It lists nothing: then genres are named by folders."""

FILE_COLUMNS = ("path", "track")
"""Columns that say which file is meant; the first one that is there counts."""

LABEL_COLUMNS = ("path", "genre", "group", "split")

NO_FOLDER = re.compile(r"\.|\.\.|.*[\x00-\x1f\x7f-\x9f/\\].*", re.DOTALL)
"""Genres that can't name a folder."""

OUTSIDE = re.compile(r"/|[A-Za-z]:[/\\]|(.*/)?\.\.(/|$)", re.DOTALL)
"""Paths that are absolute, or lead out of their folder."""


@dataclass(frozen=True)
class Labels:
    """What a table says, by what it names files with.

    Attributes:
        path: the table.
        by: how it names files: by `path` below `data.path`, or by `track`, the file's name without
            its ending.
        genres: the genre of each file.
        groups: the group of those that have one.
        splits: the split of those that have one.
    """

    path: Path
    by: str
    genres: Mapping[str, str]
    groups: Mapping[str, str]
    splits: Mapping[str, str]


def load_labels(path: Path) -> Labels | None:
    """Read the CSV `path,genre,group,split`, or `track` instead of `path`; others are ignored.

    `group` and `split` may be absent or empty. The table that comes with the project and lists
    nothing gives None.

    Raises:
        UserError: it can't be read, or a line of it is wrong.
    """
    table = read_user_table(path, KEY)
    by = next((name for name in FILE_COLUMNS if name in table.columns), "")
    if not by or "genre" not in table.columns:
        raise UserError(
            f"{KEY}: {path}: columns {', '.join(table.columns) or 'none'}: give path (or track) "
            "and genre, and where you like group and split, separated by commas"
        )
    if not table.rows and path == SHIPPED:
        return None
    if not table.rows:
        raise UserError(f"{KEY}: {path} lists nothing: list files, or set it to {SHIPPED}")
    return _checked(path, by, table)


def _checked(path: Path, by: str, table: UserTable) -> Labels:
    """The rows of the table, each checked."""
    genres: dict[str, str] = {}
    groups: dict[str, str] = {}
    splits: dict[str, str] = {}
    for line, row in table.rows:
        name = unicodedata.normalize("NFC", (row[by] or "").removeprefix("./"))
        genre, group, split = ((row.get(c) or "").strip() for c in LABEL_COLUMNS[1:])
        fault = _fault(by, name, genre, split)
        if not fault and name in genres:
            fault = f"{by} {name!r} again: list it once"
        if fault:
            raise UserError(f"{KEY}: {path}, line {line}: {fault}")
        genres[name] = genre
        if group:
            groups[name] = group
        if split:
            splits[name] = split
    return Labels(path, by, genres, groups, splits)


def _fault(by: str, name: str, genre: str, split: str) -> str:
    """What is wrong with a row, and the remedy, or nothing."""
    if not name:
        return f"no {by}: give one"
    if by == "path" and OUTSIDE.match(name):
        return f"path {name!r} leads out of data.path: give it relative to there"
    if not genre:
        return f"no genre for {name!r}: give one, or remove the line"
    if NO_FOLDER.fullmatch(genre):
        return f"genre {genre!r} can't name a folder: write it without / and \\"
    if split and split not in SPLITS:
        return f"split {split!r} is not allowed: give {', '.join(SPLITS)} or nothing"
    return ""


def names_in(labels: Labels, sources: Sequence[str]) -> dict[str, str]:
    """How the table names each file that it lists, by the file's path.

    Paths in the table may begin below a folder that all files are in, as in an archive of one
    folder: where none is found, the next one below is tried.

    Args:
        labels: the table.
        sources: paths below `data.path`, parts joined by `/`.

    Raises:
        UserError: a name of a track is that of several files.
    """
    listed = {_comparable(name): name for name in labels.genres}
    paths = [_comparable(source) for source in sources]
    if labels.by == "path":
        paths = _below_common(paths, listed)
    else:
        paths = [source.rpartition("/")[2].rpartition(".")[0] for source in paths]
    found: dict[str, str] = {}
    for source, path in zip(sources, paths, strict=True):
        if path in listed:
            name = listed[path]
            if name in found and labels.by == "track":
                raise UserError(
                    f"{KEY}: track {name!r} is both {found[name]} and {source}: give paths, in a "
                    "column path"
                )
            found.setdefault(name, source)
    return {source: name for name, source in found.items()}


def _comparable(path: str) -> str:
    """A path in one form, whether it is a file's own or as `data/tracks.csv` shows it."""
    return harmless_path(unicodedata.normalize("NFC", path)).removeprefix("./")


def _below_common(paths: list[str], listed: Collection[str]) -> list[str]:
    """The paths below as few common folders as it takes until one is listed."""
    below = paths
    while below:
        if any(path in listed for path in below):
            return below
        first = below[0].partition("/")[0] + "/"
        if not all(path.startswith(first) for path in below):
            break
        below = [path.removeprefix(first) for path in below]
    return paths
