"""Whether to learn fast costs accuracy: one recipe learnt in three ways, on the same folds.

`python -m tests.benchmarks.agreement RESULTS.csv [SEED ...]` learns from the tracks of the last
run (`data/tracks.csv`) and tells how many test segments and songs are right. It takes ten minutes
a seed, and with seed 0, of which whole segments are learnt from as well, most of an hour. What
RESULTS.csv holds already is not learnt again, and is summed up with the rest.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import yaml

from detune.audio.constants import SHAPE
from detune.collection.dataset import Split, load_split
from detune.collection.labels import load_labels
from detune.collection.split_table import SPLITS
from detune.network.model_file import predict_logits
from detune.params.parsing import parse_params
from detune.params.sections import Params
from detune.params.training import Train
from detune.preprocess.preprocessing import write_dataset
from detune.split.assignment import assign
from detune.split.label_splits import with_labels
from detune.split.partition import load_partition
from detune.statistics.scores import accuracy, song_accuracy
from detune.support.files import read_csv
from detune.tools.crossvalidation import mean_interval
from detune.train.fit import train_model
from detune.train.network import build_model
from tests.benchmarks.plain import plain_model

FOLDS = 5

FAST, EXCERPTS, WHOLE = "as here", "plain layers, excerpts", "plain layers, whole segments"

COLUMNS = ("way", "fold", "seed", "segments", "songs")


def folds(params: Params) -> Iterator[dict[str, Split]]:
    """The splits of each fold."""
    rows = read_csv(Path("data/tracks.csv"))
    labels = load_labels(Path(params.data.labels))
    partition = with_labels(load_partition(Path(params.data.partition)), labels, rows)
    for fold in range(FOLDS):
        given = assign(rows, replace(params.preprocess.split, folds=FOLDS, fold=fold), partition)
        with tempfile.TemporaryDirectory() as name:
            folder, count = Path(name) / "segments", params.preprocess.segments_per_track
            write_dataset(given.rows, Path("data/tracks"), count, folder)
            yield {split: load_split(folder, split) for split in SPLITS}


def learnt(splits: dict[str, Split], recipe: Train, way: str) -> tuple[float, float]:
    """The accuracy of test segments and of test songs after training in this way."""
    if way == WHOLE:
        recipe = replace(recipe, crop_frames=SHAPE[1])
    train, validation, test = (splits[name] for name in SPLITS)
    with patch("detune.train.train_step.build_model", build_model if way == FAST else plain_model):
        model = train_model(
            (train.values, train.labels),
            (validation.values, validation.labels),
            len(train.genres),
            recipe,
        ).model
    logits = predict_logits(model, test.values)
    return (
        accuracy(logits.argmax(axis=1), test.labels),
        song_accuracy(logits, test.labels, test.tracks),
    )


def learn(results: Path, seeds: Sequence[int]) -> None:
    """Add to `results` what it lacks."""
    params = parse_params(yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")))
    if not results.exists():
        results.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    known = {(row["way"], int(row["fold"]), int(row["seed"])) for row in read_csv(results)}
    for fold, splits in enumerate(folds(params)):
        for seed in seeds:
            for way in (FAST, EXCERPTS) if seed else (FAST, EXCERPTS, WHOLE):
                if (way, fold, seed) in known:
                    continue
                recipe = replace(params.train, seed=FOLDS * seed + fold)
                row = (way, fold, seed, *learnt(splits, recipe, way))
                with results.open("a", newline="", encoding="utf-8") as stream:
                    csv.writer(stream, lineterminator="\n").writerow(row)


def interval(values: Sequence[float]) -> str:
    """The mean with its 95 % interval in points."""
    mean, low, high = (100 * value for value in mean_interval(values))
    return f"{mean:.1f} ({low:.1f} to {high:.1f})"


def summary(results: Path, of: str) -> Iterator[str]:
    """A line for each way: how it does, and how much better the project's does, run by run."""
    right: dict[str, dict[tuple[str, str], float]] = {FAST: {}, EXCERPTS: {}, WHOLE: {}}
    for row in read_csv(results):
        right[row["way"]][row["fold"], row["seed"]] = float(row[of])
    for way, runs in right.items():
        better = [right[FAST][run] - value for run, value in runs.items() if run in right[FAST]]
        line = f"{of}, {way}: {interval(list(runs.values()))} % right, {len(runs)} runs"
        yield (line if way == FAST else f"{line}; here {interval(better)} points more")


def main(results: Path, seeds: Sequence[int]) -> None:
    """Learn, and print the lines."""
    learn(results, seeds)
    for of in COLUMNS[-2:]:
        print(*summary(results, of), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(seed) for seed in sys.argv[2:]] or [0])
