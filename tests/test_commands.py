"""Every module that is a command says what it does and takes."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
COMMANDS = [
    ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for path in sorted(SOURCE.rglob("*.py"))
    if '\nif __name__ == "__main__":' in path.read_text()
]


def test_there_are_commands() -> None:
    assert "detune.robustness.verdict" in COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [command, "--help"])
    monkeypatch.delitem(sys.modules, command, raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(command, run_name="__main__")
    assert ended.value.code == 0
    assert f"python -m {command}" in capsys.readouterr().out
