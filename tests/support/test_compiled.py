from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from detune.support.compiled import COMPILING

LATE = """
import sys
import numpy as np
import detune.explore.features, detune.audio.segments
early = set(sys.modules)
noise = np.random.default_rng(0).normal(scale=0.1, size=70_000).astype(np.float32)
detune.explore.features.track_features(noise)
detune.audio.segments.cut_segments(noise, 1)
print([name for name in sys.modules if name.startswith("librosa") and name not in early])
"""


def test_no_module_that_compiles_is_left_to_worker_processes() -> None:
    """Two of them would compile it at once, and break numba's cache."""
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def imported(node: ast.AST, locked: bool = False) -> Iterator[tuple[str, bool]]:
    """Modules that code imports, each with whether `COMPILING` is held then."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, locked) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or "", locked
    elif isinstance(node, ast.With):
        locked |= any(ast.unparse(item.context_expr) == "COMPILING" for item in node.items)
    for child in ast.iter_child_nodes(node):
        yield from imported(child, locked)


def test_librosa_is_imported_by_one_process_at_a_time() -> None:
    source = Path(__file__).parents[2] / "src"
    unlocked = [
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        for name, locked in imported(ast.parse(path.read_text(encoding="utf-8")))
        if name.split(".")[0] == "librosa" and not locked
    ]
    assert unlocked == []


def test_one_process_at_a_time_may_compile() -> None:
    other = "from detune.support.compiled import COMPILING; COMPILING.acquire(timeout=0)"
    with COMPILING, pytest.raises(subprocess.CalledProcessError) as caught:
        subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=True)
    assert "Timeout" in caught.value.stderr
    subprocess.run([sys.executable, "-c", other], check=True)
