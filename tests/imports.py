"""What a file of the project imports of the project, directly or not."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "src" / "detune"


def module_files(path: Path) -> set[Path]:
    """Files of `detune` that the file at `path` imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "detune":
            names = [str(node.module), *(f"{node.module}.{item.name}" for item in node.names)]
        elif isinstance(node, ast.Import):
            names = [item.name for item in node.names if item.name.split(".")[0] == "detune"]
        for name in names:
            stem = ROOT / "src" / Path(*name.split("."))
            found |= {f for f in (stem.with_suffix(".py"), stem / "__init__.py") if f.is_file()}
    return found


def all_imports(paths: Iterable[Path]) -> set[Path]:
    """`paths`, and every file of the project that they import, directly or not."""
    todo, seen = set(paths), set[Path]()
    while todo:
        path = todo.pop()
        seen.add(path)
        todo |= module_files(path) - seen
    return seen
