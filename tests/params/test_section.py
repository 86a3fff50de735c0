from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.params.changes import SHIPPED, changed, error_of


def sections(raw: dict[str, Any], path: str = "") -> list[str]:
    """Every section of the parameters, dotted."""
    inner = [
        found
        for key, value in raw.items()
        if isinstance(value, dict)
        for found in sections(value, f"{path}{key}.")
    ]
    return [path, *inner]


@pytest.mark.parametrize("section", sections(yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))))
def test_every_section_refuses_unknown_keys(section: str) -> None:
    message = error_of(changed(f"{section}colour", 1))
    assert message.startswith(f"{section}colour: unknown key: allowed here are ")
