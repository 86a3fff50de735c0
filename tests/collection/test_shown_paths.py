from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detune.collection.shown_paths import FORMULAS, harmless_path


@pytest.mark.parametrize("name", ["=1+1", "+44", "-rf", "@SUM(A1)"])
def test_what_a_spreadsheet_would_compute_begins_otherwise(name: str) -> None:
    assert harmless_path(name) == f"./{name}"


@pytest.mark.parametrize("name", ["blues", "r&b", "_x", "1=1", "é日本", "a - b"])
def test_other_paths_stay(name: str) -> None:
    assert harmless_path(name) == name


def test_what_cannot_be_seen_is_escaped() -> None:
    assert harmless_path("a\n\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}b.wav") == r"a\n\x1b[31m\u202eb.wav"
    assert harmless_path("M\udcfasica.wav") == r"M\xfasica.wav"


@given(st.text())
def test_every_path_is_a_line_of_text(path: str) -> None:
    shown = harmless_path(path.encode("utf-8", "ignore").decode())
    assert shown.isprintable()
    assert not shown.startswith(FORMULAS)
