from __future__ import annotations

import pytest

from detune.params.parsing import parse_params
from detune.params.severities import CORRUPTIONS
from tests.params.changes import changed, error_of


def test_each_kind_has_severities() -> None:
    corruptions = parse_params(changed("corruptions.kinds", list(CORRUPTIONS))).corruptions
    assert all(corruptions.options(kind) for kind in CORRUPTIONS)
    assert corruptions.options("dust") is None


@pytest.mark.parametrize(
    ("kind", "severities"),
    [
        ("mp3", [20]),
        ("mp3", [64, 64]),
        ("tempo", [16]),
        ("gain", []),
        ("pitch", [1, 1]),
        ("band_pass", [[3400, 300]]),
        ("low_pass", [12_000]),
    ],
)
def test_what_no_severity_can_be_is_told(kind: str, severities: list[object]) -> None:
    assert error_of(changed(f"corruptions.{kind}", severities)).startswith(f"corruptions.{kind}: ")
