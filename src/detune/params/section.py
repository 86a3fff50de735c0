"""What all sections of parameters have in common."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ConfigDict

ALIASES = {"pgd_margin": "pgd-margin"}
"""Keys that Python cannot spell, by the name of their field."""


class Section:
    """What all sections have in common: no unknown keys, and no number that is none."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", allow_inf_nan=False)
