"""The import closure of code: the files of this package that a file imports, directly or not."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

LIBRARY = Path(__file__).parents[1]
"""The folder of this package."""


def module_file(module: str) -> Path:
    """The file of a module of this package, such as `detune.train.fit`."""
    return LIBRARY.joinpath(*module.split(".")[1:]).with_suffix(".py")


def import_closure(paths: Iterable[Path]) -> set[Path]:
    """`paths`, and every file of this package that they import, directly or not."""
    todo, closure = set(paths), set[Path]()
    while todo:
        path = todo.pop()
        closure.add(path)
        todo |= _imported(path) - closure
    return closure


def _imported(path: Path) -> set[Path]:
    """Files of this package that the file at `path` imports, and the packages that they are in."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module:
            # What is imported may be a module or a name in one.
            names += [node.module, *(f"{node.module}.{item.name}" for item in node.names)]
        elif isinstance(node, ast.Import):
            names += [item.name for item in node.names]
    files = set()
    for name in names:
        package, *parts = name.split(".")
        if package != LIBRARY.name:
            continue
        for depth in range(len(parts) + 1):
            stem = LIBRARY.joinpath(*parts[:depth])
            files |= {stem / "__init__.py", stem.with_suffix(".py")}
    return {file for file in files if file.is_file()}
