from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from detune.tools.finding import main


def test_the_finding_of_the_last_run_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["finding"])
    with pytest.raises(SystemExit, match="no finding there: run `make repro`"):
        main()
    (tmp_path / "metrics").mkdir()
    sentence = {"claim": "sound", "text": "It is fooled.", "shown": False}
    path = tmp_path / "metrics/finding.json"
    path.write_text(json.dumps({"sentences": [sentence]}), encoding="utf-8")
    main()
    assert capsys.readouterr().out.startswith("1. It is fooled. [not shown]\nIntervals are 95 %")
