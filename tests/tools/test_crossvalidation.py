from __future__ import annotations

import io
import json
import runpy
import sys
from typing import Any

import pytest

from detune.support.errors import UserError
from detune.tools.crossvalidation import METRICS, summarise_folds, summary_line


def run(fold: int, accuracy: float | None, *, folds: int = 3, seed: int = 1) -> dict[str, Any]:
    """A revision as `dvc exp show --json` prints it; without results where there are none."""
    split = {"folds": folds, "fold": fold, "seed": seed}
    scores = {"song_accuracy": accuracy, "segment_accuracy": 0.5, "song_accuracy_by_genre": {}}
    files = {
        "metrics/train.json": {"data": scores},
        "metrics/ingest.json": {"data": {"tracks": 9}},
        "metrics/attack/fgsm-0.1.json": {"data": {"robust_accuracy": 0.1 * fold}},
        "metrics/attack/pgd-0.1.json": {"data": {"robust_accuracy": 0.0}},
    }
    lacking = {"metrics/train.json": {"error": {"type": "FileNotFoundError", "msg": "none"}}}
    return {
        "rev": f"{fold}{seed}{accuracy}",
        "data": {
            "params": {"params.yaml": {"data": {"preprocess": {"split": split}}}},
            "metrics": lacking if accuracy is None else files,
        },
        "experiments": None,
    }


def shown(*runs: dict[str, Any]) -> list[dict[str, Any]]:
    """The workspace, and a commit without folds that the runs are experiments of."""
    workspace = run(0, 0.9) | {"rev": "workspace"}
    commit = run(0, 0.1, folds=0) | {"experiments": [{"revs": [found]} for found in runs]}
    return [workspace, commit]


def error_of(*runs: dict[str, Any], metric: str = "song_accuracy") -> str:
    with pytest.raises(UserError) as caught:
        summarise_folds(shown(*runs), [metric])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_mean_and_interval_are_over_the_folds_in_order() -> None:
    found, segments = summarise_folds(shown(run(2, 0.6), run(0, 0.7), run(1, 0.5)), METRICS)
    assert found.values == [0.7, 0.5, 0.6]
    assert found.mean == pytest.approx(0.6)
    # Student's t for two degrees of freedom, times a deviation of 0.1 over the root of three.
    assert found.high - found.mean == pytest.approx(4.302653 * 0.1 / 3**0.5, rel=1e-6)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)
    assert (segments.mean, segments.low, segments.high) == (0.5, 0.5, 0.5)
    assert summary_line(found).startswith(
        "setting 1 of 1: song_accuracy 0.600 (0.352 to 0.848), folds 0.7"
    )


def test_the_latest_run_of_a_fold_counts_and_settings_stay_apart() -> None:
    first = [run(fold, 0.5) for fold in range(3)]
    other = [run(fold, 0.8, seed=2) for fold in range(3)]
    found = summarise_folds(shown(*first, *other, run(0, 0.1)), ["song_accuracy"])
    assert [gathered.mean for gathered in found] == pytest.approx([0.5, 0.8])


def test_a_commit_may_be_a_fold() -> None:
    runs = shown(run(1, 0.5), run(2, 0.5))
    runs[1] = runs[1] | {"data": run(0, 0.5)["data"]}
    assert summarise_folds(runs, ["song_accuracy"])[0].values == [0.5] * 3


def test_what_is_missing_is_named() -> None:
    assert "no experiment with folds" in error_of()
    assert "fold 1, 2 of 3 has no result" in error_of(run(0, 0.5), run(1, None))
    complete = [run(fold, 0.5) for fold in range(3)]
    message = error_of(*complete, metric="songs")
    assert "songs: no such metric" in message
    assert "robust_accuracy, segment_accuracy, song_accuracy, tracks" in message
    assert "no such metric" in error_of(*complete, metric="song_accuracy_by_genre")


def test_a_metric_of_several_files_is_taken_from_the_one_that_is_named() -> None:
    runs = [run(fold, 0.5) for fold in range(3)]
    fgsm, pgd = (f"metrics/attack/{cell}.json:robust_accuracy" for cell in ("fgsm-0.1", "pgd-0.1"))
    first, second, third = summarise_folds(
        shown(*runs), [pgd, fgsm, "metrics/train.json:song_accuracy"]
    )
    assert first.values == [0.0, 0.0, 0.0]
    assert second.values == pytest.approx([0.0, 0.1, 0.2])
    assert third.values == [0.5, 0.5, 0.5]
    assert summary_line(second).startswith(f"setting 1 of 1: {fgsm} 0.100 (")
    message = error_of(*runs, metric="robust_accuracy")
    assert message == f"robust_accuracy: in 2 metrics files: name one, as in {fgsm}"
    message = error_of(*runs, metric="metrics/attack/pgd-1.json:robust_accuracy")
    assert message.endswith(f"no such metric in fold 0: there are {fgsm}, {pgd}")


def test_it_is_a_command(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    text = json.dumps(shown(*(run(fold, 0.5) for fold in range(3))))
    monkeypatch.setattr(sys, "argv", ["crossvalidation"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    runpy.run_module("detune.tools.crossvalidation", run_name="__main__")
    assert len(capsys.readouterr().out.splitlines()) == 2
    monkeypatch.setattr(sys, "stdin", io.StringIO("dvc: command not found"))
    with pytest.raises(SystemExit, match="crossvalidation: error: no JSON"):
        runpy.run_module("detune.tools.crossvalidation", run_name="__main__")
