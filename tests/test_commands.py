"""Every module that is a command says what it does and takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
COMMANDS = [
    ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for path in sorted(SOURCE.rglob("*.py"))
    if '\nif __name__ == "__main__":' in path.read_text()
]

# All in one process, and not in this one: some set up TensorFlow, which takes hold of its outputs.
ASK = """
import contextlib, io, json, runpy, sys
told = {}
for command in sys.argv[1:]:
    sys.modules.pop(command, None)
    sys.argv[:] = [command, "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            runpy.run_module(command, run_name="__main__")
        except SystemExit as ended:
            told[command] = [ended.code, out.getvalue()]
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told() -> dict[str, tuple[int, str]]:
    """Exit status and output of each command that is asked for help."""
    asked = [sys.executable, "-c", ASK, *COMMANDS]
    done = subprocess.run(asked, cwd=SOURCE, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_there_are_commands() -> None:
    assert "detune.robustness.verdict" in COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help(command: str, told: dict[str, tuple[int, str]]) -> None:
    status, output = told[command]
    assert status == 0
    assert f"python -m {command}" in output
