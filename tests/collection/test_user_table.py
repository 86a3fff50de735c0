from __future__ import annotations

import csv
from pathlib import Path

import pytest

from detune.collection.user_table import UserTable, read_user_table
from detune.support.errors import UserError


def read(folder: Path, data: bytes) -> UserTable:
    (folder / "table.csv").write_bytes(data)
    return read_user_table(folder / "table.csv", "data.table")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_rows_come_with_the_number_of_their_line(mark: bytes, tmp_path: Path) -> None:
    data = mark + 'a,b\r\n1,"2,\r\nn"\r\n\r\n3\r\n"é",x\r\n'.encode()
    first, second, third = ({"a": "1", "b": "2,\r\nn"}, {"a": "3", "b": None}, {"a": "é", "b": "x"})
    assert read(tmp_path, data) == (("a", "b"), [(3, first), (5, second), (6, third)])


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"a,b\n1,2,3\n", "line 2: more values than columns"),
        (b"a\n\xff\xfe\n", "can't be read: 'utf-8' codec"),
        ("a,b\n1,2\n".encode("utf-16"), "give a CSV in UTF-8"),
    ],
)
def test_a_mistake_is_a_line_with_the_parameter(data: bytes, named: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, data)
    assert str(caught.value).startswith(f"data.table: {tmp_path / 'table.csv'}")
    assert "\n" not in str(caught.value)
    assert named in str(caught.value)


def test_fields_may_be_long(tmp_path: Path) -> None:
    page = "x" * 200_000
    assert read(tmp_path, f"a\n{page}\n".encode()).rows == [(2, {"a": page})]
    assert csv.field_size_limit() < len(page)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.csv"):
        with pytest.raises(UserError, match=r"^data\.table: .* can't be read: "):
            read_user_table(path, "data.table")
