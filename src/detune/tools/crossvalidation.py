"""Mean and interval over the folds of a cross-validation, from what DVC knows of experiments.

dvc exp show --json | python -m detune.tools.crossvalidation [[FILE:]METRIC ...]
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from detune.support.errors import UserError
from detune.support.metrics_file import with_details

METRICS = ("song_accuracy", "segment_accuracy")
"""Summarised where no others are named, from the metrics file that has them."""

LEVEL = 0.95

Files = Mapping[str, Mapping[str, Any]]
"""The contents of the metrics files of one run, by path."""


@dataclass(frozen=True)
class FoldSummary:
    """One metric over the folds of one setting.

    Attributes:
        setting: name of what the runs have in common.
        metric: its name as it was given.
        values: one a fold, in order.
        mean: of them.
        low: lower end of the 95 % interval of the mean (Student's t over folds).
        high: upper end.
    """

    setting: str
    metric: str
    values: list[float]
    mean: float
    low: float
    high: float


def summarise_folds(
    experiments: Sequence[Mapping[str, Any]], metrics: Sequence[str]
) -> list[FoldSummary]:
    """Summarise metrics over the folds of every setting that ran with folds.

    Args:
        experiments: what `dvc exp show --json` prints.
        metrics: names of metrics, each behind its file and a colon where several files have it.

    Raises:
        UserError: there are no folds, some are missing, or a metric is unknown or in several files.
    """
    settings: dict[str, dict[int, Files]] = defaultdict(dict)
    folds: dict[str, int] = {}
    for params, files in _runs(experiments):
        split = dict(params["preprocess"]["split"])
        fold = split.pop("fold", 0)
        if split.get("folds"):
            common = {**params, "preprocess": {**params["preprocess"], "split": split}}
            key = json.dumps(common, sort_keys=True)
            settings[key].setdefault(fold, files)
            folds[key] = split["folds"]
    if not settings:
        raise UserError(
            "no experiment with folds: run dvc exp run --queue -S preprocess.split.folds=5 "
            "-S 'preprocess.split.fold=range(5)', then dvc queue start"
        )
    return [
        _summarise(f"setting {number} of {len(settings)}", folds[key], settings[key], metric)
        for number, key in enumerate(settings, start=1)
        for metric in metrics
    ]


def _runs(experiments: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Files]]:
    """Parameters and metrics of each commit and experiment that has both."""
    for entry in experiments:
        if entry["rev"] == "workspace":
            continue  # it repeats the last experiment
        revisions = [entry]
        for experiment in entry.get("experiments") or ():
            revisions += (experiment.get("revs") or ())[:1]
        for revision in revisions:
            data = revision.get("data") or {}
            params = (data.get("params") or {}).get("params.yaml", {}).get("data")
            read = (data.get("metrics") or {}).items()
            files = {path: with_details(file["data"]) for path, file in read if file.get("data")}
            if params and files:
                yield params, files


def _summarise(setting: str, folds: int, results: Mapping[int, Files], metric: str) -> FoldSummary:
    """Mean and interval of one metric, all folds present."""
    missing = [str(fold) for fold in range(folds) if fold not in results]
    if missing:
        raise UserError(
            f"{setting}: fold {', '.join(missing)} of {folds} has no result: run it with "
            f"dvc exp run -S preprocess.split.fold={missing[0]}, or remove the others"
        )
    values = [_value(results[fold], metric, fold) for fold in range(folds)]
    return FoldSummary(setting, metric, values, *mean_interval(values))


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The mean of several values, and both ends of its 95 % interval (Student's t)."""
    mean, count = float(np.mean(values)), len(values)
    reach = float(stats.t.ppf((1 + LEVEL) / 2, count - 1) * np.std(values, ddof=1))
    reach /= math.sqrt(count)
    return mean, mean - reach, mean + reach


def _value(files: Files, metric: str, fold: int) -> float:
    """One metric of one run, from the file that it names or the only one that has it."""
    wanted, _, name = metric.rpartition(":")
    numbers = {
        (path, key): float(value)
        for path, content in files.items()
        for key, value in content.items()
        if isinstance(value, int | float)
    }
    having = [path for path, key in numbers if key == name and wanted in ("", path)]
    if not having:
        near = [f"{path}:{key}" for path, key in numbers if wanted and name == key]
        known = ", ".join(near or sorted({key for _, key in numbers}))
        raise UserError(f"{metric}: no such metric in fold {fold}: there are {known}")
    if len(having) > 1:
        raise UserError(
            f"{metric}: in {len(having)} metrics files: name one, as in {having[0]}:{name}"
        )
    return numbers[having[0], name]


def summary_line(summary: FoldSummary) -> str:
    """One line."""
    folds = " ".join(f"{value:.3f}" for value in summary.values)
    return (
        f"{summary.setting}: {summary.metric} {summary.mean:.3f} "
        f"({summary.low:.3f} to {summary.high:.3f}), folds {folds}"
    )


def main(text: str, metrics: Sequence[str]) -> None:
    """Print a line for each setting and metric."""
    try:
        experiments = json.loads(text)
    except ValueError:
        sys.exit("crossvalidation: error: no JSON: pipe the output of dvc exp show --json into it")
    try:
        for summary in summarise_folds(experiments, metrics or METRICS):
            print(summary_line(summary))
    except UserError as error:
        sys.exit(f"crossvalidation: error: {error}")


def parse(arguments: Sequence[str], program: str) -> list[str]:
    """The metrics that the command line of `program` names."""
    parser = argparse.ArgumentParser(
        prog=f"dvc exp show --json | {program}",
        description="Mean, 95 % interval and values over the folds of a cross-validation.",
    )
    parser.add_argument(
        "metrics",
        nargs="*",
        metavar="[FILE:]METRIC",
        help=f"with its file where several have it (default: {' '.join(METRICS)})",
    )
    return list(parser.parse_args(arguments).metrics)


if __name__ == "__main__":
    named = parse(sys.argv[1:], f"python -m {__spec__.name}")
    main(sys.stdin.read(), named)
