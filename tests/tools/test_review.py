from __future__ import annotations

from pathlib import Path

import pytest

from detune.support.errors import UserError
from detune.tools.review import main
from tests.review.conftest import repository

__all__ = ["repository"]


def test_the_exit_status_says_whether_a_loss_is_shown(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository)
    assert main(["good"]) == 1
    assert "Shown: clean accuracy of segments" in capsys.readouterr().out
    assert main(["good", "good", "--format", "markdown"]) == 0
    assert "Nothing else differs" in capsys.readouterr().out


def test_a_base_without_results_is_one_line(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    with pytest.raises(UserError, match=r"empty: no params\.yaml"):
        main(["good", "empty"])
