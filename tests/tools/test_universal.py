from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.network.model_file import save_model
from detune.support.errors import UserError
from detune.support.files import read_csv, write_csv
from detune.tools import universal
from tests.universal.networks import GENRES, listener, split

LABELS = [0] * 4 + [1] * 4


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the results that the tool reads."""
    shutil.copy("params.yaml", tmp_path)
    splits = [split("train", LABELS, 0), split("test", LABELS, 1)]
    index = [vars(row) for part in splits for row in part.index]
    write_csv(tmp_path / "data/segments/index.csv", tuple(index[0]), index)
    for name, part in zip(("train", "test"), splits, strict=True):
        np.save(tmp_path / f"data/segments/{name}.npy", part.values)
    save_model(listener(), GENRES, tmp_path / "data/model")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_line_an_epsilon_is_printed_and_all_rows_written(run: Path, capsys: Any) -> None:
    universal.main(["--epsilons", "0.005", "0.05", "--csv", "out/universal.csv"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[0].count("|") == lines[1].count("|") == lines[3].count("|")
    assert lines[3] == (
        "| 0.05 | all | 8 | 100 | 8 | 4 | 100 (100 to 100) | 0 (0 to 0) | 0 (0 to 0) | 0 (0 to 0) "
        "| 100 (100 to 100) |"
    )
    rows = read_csv(run / "out/universal.csv")
    assert [row["genre"] for row in rows] == ["all", *GENRES] * 2


def test_genres_are_printed_when_asked_for(run: Path, capsys: Any) -> None:
    universal.main(["--epsilons", "0.05", "--genres"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[3] == "| 0.05 | blues | 4 | 100 | 4 | 2 | 100 | 0 | 0 | 0 | 100 |"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--epsilons", "0"], "0 is not above 0 and at most 1"),
        (["--epsilons", "2"], "2 is not above 0 and at most 1"),
        (["--epsilons", "much"], "much"),
        (["--steps", "0"], "0 is not at least 1"),
        (["--segments", "-3"], "-3 is not at least 1"),
    ],
)
def test_a_wrong_option_is_one_line(arguments: list[str], words: str, capsys: Any) -> None:
    with pytest.raises(SystemExit):
        universal.main(arguments)
    assert words in capsys.readouterr().err.splitlines()[-1]


def test_without_a_model_the_remedy_is_named(run: Path) -> None:
    shutil.rmtree(run / "data/model")
    with pytest.raises(UserError, match="run `dvc repro train`"):
        universal.main([])
