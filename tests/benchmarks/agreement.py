"""Whether to learn fast costs accuracy: one recipe learnt in three ways, on the same folds.

`python -m tests.benchmarks.agreement` learns from the tracks of the last run (`data/tracks.csv`),
each fold with a seed of its own, and prints how many of the test segments and songs are right; it
takes most of an hour.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import yaml

from detune.files import read_csv
from detune.params import Params, Train, parse_params
from detune.preprocess.assignment import assign
from detune.preprocess.dataset import Split, load_split
from detune.preprocess.partition import load_partition
from detune.preprocess.preprocessing import write_dataset
from detune.preprocess.segments import SHAPE
from detune.preprocess.splits import SPLITS
from detune.scores import bootstrap_interval, right_songs
from detune.train.model import predict_logits
from detune.train.network import build_model
from detune.train.training import train_model
from tests.benchmarks.plain import plain_model

FOLDS = 5

FAST, EXCERPTS, WHOLE = "as here", "plain layers, excerpts", "plain layers, whole segments"

SEGMENTS, SONGS = "segments", "songs"

Right = dict[str, tuple[np.ndarray, list[str]]]
"""Of segments and of songs: which are right, and the song of each."""


def folds(params: Params) -> Iterator[dict[str, Split]]:
    """The splits of each fold."""
    rows = read_csv(Path("data/tracks.csv"))
    partition = load_partition(Path(params.data.partition))
    for fold in range(FOLDS):
        given = assign(rows, replace(params.preprocess.split, folds=FOLDS, fold=fold), partition)
        with tempfile.TemporaryDirectory() as name:
            folder, count = Path(name) / "segments", params.preprocess.segments_per_track
            write_dataset(given.rows, given.splits, Path("data/tracks"), count, folder)
            yield {split: load_split(folder, split) for split in SPLITS}


def learnt(splits: dict[str, Split], recipe: Train, way: str) -> Right:
    """Which test segments and songs are right after training in this way."""
    if way == WHOLE:
        recipe = replace(recipe, crop_frames=SHAPE[1])
    train, validation, test = (splits[name] for name in SPLITS)
    with patch("detune.train.learner.build_model", build_model if way == FAST else plain_model):
        model, _ = train_model(
            (train.values, train.labels),
            (validation.values, validation.labels),
            len(train.genres),
            recipe,
        )
    logits = predict_logits(model, test.values)
    segments = logits.argmax(axis=1) == test.labels
    return {
        SEGMENTS: (segments, test.tracks),
        SONGS: right_songs(logits, test.labels, test.tracks),
    }


def compared(right: dict[str, list[Right]], way: str, of: str) -> str:
    """How a way does by fold, and how much better the project's does."""

    def all_folds(name: str) -> np.ndarray:
        return np.concatenate([fold[of][0] for fold in right[name]]).astype(float)

    by_fold = ", ".join(f"{fold[of][0].mean():.1%}" for fold in right[way])
    told = f"{way}: {all_folds(way).mean():.1%} of {of} right (by fold {by_fold})"
    if way == FAST:
        return told
    better = all_folds(FAST) - all_folds(way)
    songs = [song for fold in right[way] for song in fold[of][1]]
    low, high = bootstrap_interval(better, songs, seed=0)
    return f"{told}; here {better.mean():+.1%} ({low:+.1%} to {high:+.1%}, by bootstrap over songs)"


def main() -> None:
    """Print a line for each way, for segments and for songs."""
    params = parse_params(yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")))
    ways = (FAST, EXCERPTS, WHOLE)
    right: dict[str, list[Right]] = {way: [] for way in ways}
    for fold, splits in enumerate(folds(params)):
        for way in ways:
            print(f"fold {fold}, {way}", flush=True)
            right[way].append(learnt(splits, replace(params.train, seed=fold), way))
    for of in (SEGMENTS, SONGS):
        for way in ways:
            print(compared(right, way, of))


if __name__ == "__main__":
    main()
