from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from detune.tools import transfer
from tests.transfer.networks import LABELS, segments, source

SOURCES = {
    "one": source("one", 1, segments(row_1=1 - LABELS, row_2=LABELS)),
    "two": source("two", 2, segments(row_1=1 - LABELS, row_2=1 - LABELS), learned=("song.0",)),
}


@pytest.fixture(autouse=True)
def _revisions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "__spec__", type("Spec", (), {"name": "x"}))
    monkeypatch.setattr(transfer, "open_revision", lambda name: name)
    monkeypatch.setattr(transfer, "read_source", lambda name, *_: SOURCES[name])


def test_a_line_a_pair_is_printed_and_written(tmp_path: Path, capsys: Any) -> None:
    table, picture = tmp_path / "t.csv", tmp_path / "t.png"
    transfer.main(["one", "two", "--csv", str(table), "--png", str(picture)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[3] == "| one | two | 8 | 0 (0 to 0) | 100 | 0 | 0 | 1 of 4 |"
    assert table.read_text().count("\n") == 5
    assert picture.is_file()


@pytest.mark.parametrize("names", [["one"], ["one", "one"]])
def test_one_revision_is_refused(names: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit):
        transfer.main(names)
    assert "at least two different revisions" in capsys.readouterr().err
