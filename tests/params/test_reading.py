from __future__ import annotations

from pathlib import Path

import dvc.api
import pytest
from dvc.repo import Repo

from detune.params.parsing import parse_params
from detune.params.reading import read_params
from detune.support.errors import UserError

SHIPPED = Path(__file__).parents[2] / "params.yaml"


def test_values_are_those_that_dvc_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By YAML 1.2: by 1.1 the first would be a word, and the second no number of tracks."""
    text = SHIPPED.read_text(encoding="utf-8")
    for line in ("learning_rate: 1e-3", "smallest_genre: 012"):
        key = line.split(":")[0]
        (before,) = [each for each in text.splitlines() if each.strip().startswith(f"{key}:")]
        text = text.replace(before.strip(), line)
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    Repo.init(no_scm=True)
    read = read_params(Path("params.yaml"))
    assert read == parse_params(dvc.api.params_show("params.yaml"))
    assert read.train.learning_rate == 0.001
    assert read.data.smallest_genre == 12


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "not there"),
        (b"train: [1, 2\nattack: {", "no YAML in line 2"),
        (b"train: 1\ntrain: 2\n", "no YAML in line 2"),
        (b"train: \xff\n", "no YAML"),
        (b"- train\n", "params.yaml: .* is not allowed: give a section"),
        (b"", "data: missing"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_line(
    content: bytes | None, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "params.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=told) as raised:
        read_params(path)
    assert "\n" not in str(raised.value)
