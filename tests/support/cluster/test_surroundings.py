from __future__ import annotations

from pathlib import Path

import pytest

from detune.support.cluster import surroundings as module
from detune.support.cluster.surroundings import CODE, difference, surroundings


def test_the_same_machine_is_no_difference() -> None:
    found = surroundings()
    assert {"Python", "numpy", "tensorflow-cpu", CODE} <= set(found) or "tensorflow" in found
    assert difference(found, surroundings()) is None


def test_other_code_is_a_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIBRARY", tmp_path)
    (tmp_path / "a.py").write_text("1")
    before = surroundings()
    (tmp_path / "a.py").write_text("2")
    assert difference(before, surroundings()) == "another code of this project"


def test_another_version_is_named_and_what_one_lacks_is_not() -> None:
    assert difference({"numpy": "2.1"}, {"numpy": "2.0"}) == "numpy 2.0, not 2.1"
    assert difference({"numpy": "2.1", "moto": "5"}, {"numpy": "2.1", "six": "1"}) is None
