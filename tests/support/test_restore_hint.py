from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from detune.support.restore_hint import restore_hint


def test_results_that_are_gone_have_a_way_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert restore_hint("ingest") == ""
    stages = {
        "ingest": {"outs": [{"path": "tracks"}, {"path": "tracks.csv"}]},
        "validate": {"outs": [{"path": "data/validated.txt"}]},
        "attack@pgd-0.1": {"outs": [{"path": "pgd.npz"}]},
    }
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}))
    for name in ("tracks", "tracks.csv", "pgd.npz"):
        (tmp_path / name).touch()
    assert restore_hint("ingest") == restore_hint("train") == ""
    assert restore_hint("attack", ("pgd", "0.1")) == ""
    assert restore_hint("validate") == ""
    (tmp_path / "tracks").unlink()
    assert "`git checkout metrics plots` restores" in restore_hint("ingest")
    Path(".dvc/cache/runs").mkdir(parents=True)
    assert "`dvc repro` restores the earlier results" in restore_hint("ingest")
    (tmp_path / "pgd.npz").unlink()
    assert restore_hint("attack", ("pgd", "0.1"))
    assert restore_hint("attack", ("fgsm", "0.1")) == ""
    (tmp_path / "dvc.lock").write_text("{")
    assert restore_hint("ingest") == ""
