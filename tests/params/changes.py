"""The shipped parameters with a change, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from detune.params.parsing import parse_params
from detune.support.errors import UserError

SHIPPED = Path(__file__).parents[2] / "params.yaml"
MISSING = object()


def changed(key: str, value: Any) -> dict[str, Any]:
    """The shipped parameters with one dotted key set, or removed."""
    raw = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    *path, last = key.split(".")
    section = raw
    for name in path:
        section = section[name]
    if value is MISSING:
        del section[last]
    else:
        section[last] = value
    return raw


def error_of(raw: dict[str, Any]) -> str:
    with pytest.raises(UserError) as caught:
        parse_params(raw)
    message = str(caught.value)
    assert "\n" not in message
    return message
