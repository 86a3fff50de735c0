"""Which folders of the library may import which: nothing imports upwards, stages not each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from detune.support.import_closure import LIBRARY

TESTS = Path(__file__).parents[1]

MAY_IMPORT = {
    "support": set(),
    "audio": {"support"},
    "collection": {"audio", "support"},
    "corpus": {"audio", "support"},
    "split": {"collection", "params", "support"},
    "ingest": {"audio", "collection", "corpus", "support"},
    "preprocess": {"audio", "collection", "support"},
    "explore": {"audio", "collection", "support"},
}
"""By folder: the other folders, and modules beside them, that its files may import."""


def rooms_imported(room: str) -> set[str]:
    """What files of a folder import of the library, by folder or module."""
    imported = set()
    for path in (LIBRARY / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [item.name for item in node.names]
            else:
                continue
            imported |= {name.split(".")[1] for name in names if name.startswith("detune.")}
    return imported - {room}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_nothing_imports_upwards(room: str) -> None:
    assert rooms_imported(room) <= MAY_IMPORT[room]


def test_only_stages_import_figures_and_tools() -> None:
    rooms = {path.name for path in LIBRARY.iterdir() if path.is_dir()}
    rooms -= {"figures", "tools", "robustness", "gradcam", "__pycache__"}
    assert [room for room in sorted(rooms) if {"figures", "tools"} & rooms_imported(room)] == []


def defined(module: str) -> set[str]:
    """The names that a module of the library has at its top, its own modules included."""
    path = LIBRARY.joinpath(*module.split(".")[1:])
    if path.is_dir():
        names = {item.stem for item in path.iterdir()}
        path /= "__init__.py"
    else:
        names, path = set(), path.with_suffix(".py")
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names |= {item.asname or item.name for item in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


COMMANDS = sorted(
    path for folder in ("benchmarks", "chaos") for path in (TESTS / folder).glob("*.py")
)


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_commands_that_no_test_runs_import_what_there_is(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("detune"):
            assert {item.name for item in node.names} <= defined(str(node.module))
