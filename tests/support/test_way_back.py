from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from detune.support.way_back import way_back


def test_results_that_are_gone_have_a_way_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert way_back("ingest") == ""
    stages = {
        "ingest": {"outs": [{"path": "tracks"}, {"path": "tracks.csv"}]},
        "validate": {"outs": [{"path": "data/validated.txt"}]},
        "attack@pgd-0.1": {"outs": [{"path": "pgd.npz"}]},
    }
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}))
    for name in ("tracks", "tracks.csv", "pgd.npz"):
        (tmp_path / name).touch()
    assert way_back("ingest") == way_back("attack", ("pgd", "0.1")) == way_back("train") == ""
    assert way_back("validate") == ""
    (tmp_path / "tracks").unlink()
    assert "`git checkout metrics plots` restores" in way_back("ingest")
    Path(".dvc/cache/runs").mkdir(parents=True)
    assert "`dvc repro` restores the earlier results" in way_back("ingest")
    (tmp_path / "pgd.npz").unlink()
    assert way_back("attack", ("pgd", "0.1"))
    assert way_back("attack", ("fgsm", "0.1")) == ""
    (tmp_path / "dvc.lock").write_text("{")
    assert way_back("ingest") == ""
