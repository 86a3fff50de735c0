from __future__ import annotations

import pytest

from detune.ingest.names import fault_of_path, harmless_name


@pytest.mark.parametrize("name", ["=1+1", "+44", "-rf", "@SUM(A1)"])
def test_what_a_spreadsheet_would_compute_begins_otherwise(name: str) -> None:
    assert harmless_name(name) == f"_{name}"


@pytest.mark.parametrize("name", ["blues", "r&b", "drum'n'bass", "_x", "1=1", "é日本", "a - b"])
def test_other_names_stay(name: str) -> None:
    assert harmless_name(name) == name


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("a/../b.wav", "leads out"),
        ("/a.wav", "leads out"),
        ("a/b\n.wav", "no text"),
        ("a/b.wav", ""),
    ],
)
def test_what_cannot_be_used_is_told(path: str, words: str) -> None:
    assert words in fault_of_path(path)
    assert bool(words) == bool(fault_of_path(path))
