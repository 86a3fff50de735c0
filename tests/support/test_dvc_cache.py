from __future__ import annotations

from pathlib import Path

import pytest

from detune.support.dvc_cache import dvc_cache


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ("", ".dvc/cache"),
        ("[cache]\n    dir = ../../shared\n", "../shared"),
        ("[cache]\n    dir = /shared\n", "/shared"),
        ("no config", ".dvc/cache"),
    ],
)
def test_the_cache_is_where_the_config_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, found: str
) -> None:
    (tmp_path / "project/.dvc").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    (tmp_path / "project/.dvc/config.local").write_text(config)
    assert dvc_cache().resolve() == Path(found).resolve()


def test_without_dvc_there_is_a_path_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert dvc_cache() == Path(".dvc/cache")
