from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from detune.report.results import read_results
from detune.review.revision import WORKSPACE, open_revision
from detune.support.errors import UserError
from tests.report.made import GENRES, HOSTILE, METRICS, RESULTS, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with results of a run."""
    import subprocess  # noqa: PLC0415

    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").touch()
    write(tmp_path)
    return tmp_path


def test_results_are_read_as_the_stages_wrote_them(folder: Path) -> None:
    results = read_results(open_revision(WORKSPACE, str(folder)))
    assert results == RESULTS


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("metrics/finding.json", None),
        ("metrics/checks.json", "{"),
        ("metrics/robustness.json", "[]"),
        ("plots/cells.csv", "method,epsilon\nfgsm,0.1\n"),
        ("plots/confusion.csv", ""),
    ],
)
def test_results_that_are_missing_or_damaged_are_named_with_the_way_back(
    folder: Path, path: str, text: str | None
) -> None:
    (folder / path).unlink() if text is None else (folder / path).write_text(text)
    with pytest.raises(UserError, match=path) as error:
        read_results(open_revision(WORKSPACE, str(folder)))
    assert "git checkout metrics plots" in str(error.value)
    assert "\n" not in str(error.value)


def test_genres_are_compared_at_the_epsilon_of_the_headline_where_it_is_attacked() -> None:
    assert RESULTS.epsilon == 0.02
    assert [row["fgsm"] for row in RESULTS.robust_by_genre()] == [0.25, 0.25]
    other = replace(RESULTS, metrics=METRICS | {"headline": {"robust_song_accuracy_epsilon": 0.3}})
    assert other.epsilon == 0.01


def test_checks_and_songs_are_all_there() -> None:
    checks = RESULTS.checks()
    assert [(check["name"], check["of"], check["passed"]) for check in checks] == [
        ("within_epsilon", "spectrograms", True),
        ("loss_rises", "sound", False),
    ]
    assert RESULTS.names == sorted(GENRES)
    matrix = RESULTS.confusion()
    rows, columns = RESULTS.names.index(HOSTILE), RESULTS.names.index("blues")
    assert (matrix[rows][columns], matrix[columns][columns]) == (1, 1)
    assert sum(map(sum, matrix)) == 2
