from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from detune.robustness.check_table import documentation, main, table
from detune.support.files import read_json

SHIPPED = Path(__file__).parents[2] / "metrics" / "checks.json"


@pytest.mark.parametrize("check", read_json(SHIPPED)["checks"])
def test_every_check_says_what_it_measures_and_when_it_fails(check: str) -> None:
    measures, fails = documentation(check)
    assert measures.endswith(".")
    assert fails.startswith("Fails ")


def test_the_table_has_every_figure_and_explains_failures() -> None:
    passed = {"passed": True, "figure": 2.5e-8, "bound": 1e-6}
    failed = {"passed": False, "figure": None, "bound": 0.05}
    head, first, second, why = table({"within_epsilon": passed, "steps_suffice": failed})
    assert head.split()[:3] == ["check", "figure", "at"]
    assert first.split()[:4] == ["within_epsilon", "2.5e-08", "1e-06", "yes"]
    assert second.split()[:4] == ["steps_suffice", "nan", "0.05", "NO"]
    assert second.endswith(documentation("steps_suffice")[0])
    assert why.strip() == documentation("steps_suffice")[1]


def test_a_check_that_is_gone_is_still_shown() -> None:
    (_, line) = table({"older": {"passed": True, "figure": 1.0, "bound": 1.0}})
    assert line.endswith("no longer carried out")


def test_it_is_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="no checks there: run `make repro`"):
        main(tmp_path / "checks.json")
    (tmp_path / "checks.json").write_text(json.dumps({"trustworthy": True, "checks": {}}))
    main(tmp_path / "checks.json")
    assert capsys.readouterr().out.startswith("check")


def test_a_reader_that_has_seen_enough_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `make checks | head -1`."""
    (tmp_path / "checks.json").write_text(json.dumps({"trustworthy": True, "checks": {}}))
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        monkeypatch.setattr("sys.stdout", closed)
        main(tmp_path / "checks.json")
