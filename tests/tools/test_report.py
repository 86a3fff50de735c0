from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from detune.support.errors import UserError
from detune.tools.report import main
from tests.report.made import write


def test_a_page_is_made_and_what_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").touch()
    write(tmp_path)
    for command in (
        ("init", "-q"),
        ("add", "-A"),
        ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "commit", "-qm", "results"),
    ):
        subprocess.run(["git", *command], check=True)
    page = main(["--out", "pages/one.html"])
    html = page.read_text(encoding="utf-8")
    assert "numpy: " in html
    assert "tensorflow" in html
    assert "with changes" not in html
    before = page.read_bytes()
    (tmp_path / "metrics/checks.json").unlink()
    with pytest.raises(UserError, match=r"metrics/checks\.json"):
        main(["--out", "pages/one.html"])
    assert page.read_bytes() == before
