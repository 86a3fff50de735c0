"""Tables that users give: a CSV with a header, read with the number of each line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from detune.support.errors import UserError

LONGEST_FIELD = 1 << 24
"""Characters of a field at most: columns that nobody asked for may hold whole pages."""


class UserTable(NamedTuple):
    """The columns of a table, and its rows, each with the number of its line."""

    columns: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]]


def read_user_table(path: Path, key: str) -> UserTable:
    """Read a CSV in UTF-8, with or without a byte order mark.

    Args:
        path: the table.
        key: the parameter that names it, for messages.

    Raises:
        UserError: it can't be read, or a line has more values than there are columns.
    """
    rows = []
    try:
        # Spreadsheets write a byte order mark, which is not part of the first column's name.
        with long_fields(), path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            columns = tuple(reader.fieldnames or ())
            for row in reader:
                if None in row:
                    raise UserError(
                        f"{key}: {path}, line {reader.line_num}: more values than columns: put "
                        'what has a comma in it between two "'
                    )
                rows.append((reader.line_num, row))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{key}: {path} can't be read: {reason}: give a CSV in UTF-8") from error
    return UserTable(columns, rows)


@contextmanager
def long_fields() -> Iterator[None]:
    """Let `csv` read fields of more than its 131,072 characters meanwhile."""
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)
