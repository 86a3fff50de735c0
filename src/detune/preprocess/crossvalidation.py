"""Mean and interval over the folds of a cross-validation, from what DVC knows of experiments.

dvc exp show --json | python -m detune.preprocess.crossvalidation [METRIC ...]
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from detune.errors import UserError

METRICS = ("song_accuracy", "segment_accuracy")
"""Gathered where no others are named, from whichever metrics file has them."""

LEVEL = 0.95


@dataclass(frozen=True)
class Gathered:
    """One metric over the folds of one setting.

    Attributes:
        setting: what the runs have in common, in words.
        metric: its name.
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


def gather(shown: Sequence[Mapping[str, Any]], metrics: Sequence[str]) -> list[Gathered]:
    """Gather metrics over the folds of every setting that ran with folds.

    Args:
        shown: what `dvc exp show --json` prints.
        metrics: names of metrics.

    Raises:
        UserError: there are no folds, some are missing, or a metric is unknown.
    """
    settings: dict[str, dict[int, Mapping[str, float]]] = defaultdict(dict)
    folds: dict[str, int] = {}
    for params, found in _runs(shown):
        split = dict(params["preprocess"]["split"])
        fold = split.pop("fold", 0)
        if split.get("folds"):
            common = {**params, "preprocess": {**params["preprocess"], "split": split}}
            key = json.dumps(common, sort_keys=True)
            settings[key].setdefault(fold, found)
            folds[key] = split["folds"]
    if not settings:
        raise UserError(
            "no experiment with folds: run dvc exp run --queue -S preprocess.split.folds=5 "
            "-S 'preprocess.split.fold=range(5)', then dvc queue start"
        )
    return [
        _summarised(f"setting {number} of {len(settings)}", folds[key], settings[key], metric)
        for number, key in enumerate(settings, start=1)
        for metric in metrics
    ]


def _runs(
    shown: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, float]]]:
    """Parameters and metrics of each commit and experiment that has both, by name."""
    for entry in shown:
        if entry["rev"] == "workspace":
            continue  # it repeats the last experiment
        revisions = [entry]
        for experiment in entry.get("experiments") or ():
            revisions += (experiment.get("revs") or ())[:1]
        for revision in revisions:
            data = revision.get("data") or {}
            params = (data.get("params") or {}).get("params.yaml", {}).get("data")
            files = (data.get("metrics") or {}).values()
            metrics = {k: v for file in files for k, v in (file.get("data") or {}).items()}
            if params and metrics:
                yield params, metrics


def _summarised(
    setting: str, folds: int, found: Mapping[int, Mapping[str, float]], metric: str
) -> Gathered:
    """Mean and interval of one metric, all folds present."""
    missing = [str(fold) for fold in range(folds) if fold not in found]
    if missing:
        raise UserError(
            f"{setting}: fold {', '.join(missing)} of {folds} has no result: run it with "
            f"dvc exp run -S preprocess.split.fold={missing[0]}, or remove the others"
        )
    unknown = [
        fold for fold in range(folds) if not isinstance(found[fold].get(metric), int | float)
    ]
    if unknown:
        known = sorted(
            name for name, value in found[unknown[0]].items() if not isinstance(value, dict)
        )
        raise UserError(
            f"{metric}: no such metric in fold {unknown[0]}: there are {', '.join(known)}"
        )
    values = [float(found[fold][metric]) for fold in range(folds)]
    mean = float(np.mean(values))
    reach = float(stats.t.ppf((1 + LEVEL) / 2, folds - 1) * np.std(values, ddof=1)) / math.sqrt(
        folds
    )
    return Gathered(setting, metric, values, mean, mean - reach, mean + reach)


def told(gathered: Gathered) -> str:
    """One line."""
    folds = " ".join(f"{value:.3f}" for value in gathered.values)
    return (
        f"{gathered.setting}: {gathered.metric} {gathered.mean:.3f} "
        f"({gathered.low:.3f} to {gathered.high:.3f}), folds {folds}"
    )


def main(text: str, metrics: Sequence[str]) -> None:
    """Print a line for each setting and metric."""
    try:
        shown = json.loads(text)
    except ValueError:
        sys.exit("crossvalidation: error: no JSON: pipe the output of dvc exp show --json into it")
    try:
        for gathered in gather(shown, metrics or METRICS):
            print(told(gathered))
    except UserError as error:
        sys.exit(f"crossvalidation: error: {error}")


if __name__ == "__main__":
    main(sys.stdin.read(), sys.argv[1:])
