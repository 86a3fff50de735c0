"""What results depend on besides the data: this code, Python, and the packages."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import distributions

from detune.support.import_closure import LIBRARY

CODE = "code of this project"

TOOLS = {"pip", "setuptools", "wheel", "uv"}
"""Packages that install others; results don't depend on them."""


def environment() -> dict[str, str]:
    """The version of everything: a hash of this code, Python's, and each package's, by name."""
    code = hashlib.sha256()
    for path in sorted(LIBRARY.rglob("*.py")):
        code.update(f"{path.relative_to(LIBRARY)} {path.stat().st_size}\n".encode())
        code.update(path.read_bytes())
    # The first of a name is the one that is imported.
    found = {str(each.name).lower().replace("_", "-"): each for each in [*distributions()][::-1]}
    versions = {name: found[name].version for name in sorted(found.keys() - TOOLS)}
    return {
        CODE: code.hexdigest(),
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **versions,
    }


def difference(mine: Mapping[str, str], theirs: Mapping[str, str]) -> str | None:
    """The first thing that both have in different versions, in words; None where there is none.

    What only one of them has is not used by the other, or is missed when it is imported.
    """
    for name, version in mine.items():
        if theirs.get(name, version) != version:
            return f"another {CODE}" if name == CODE else f"{name} {theirs[name]}, not {version}"
    return None
