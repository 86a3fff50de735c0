"""False alarms of the review: pairs of runs that differ by their seed alone, really trained.

Each run trains the network, with a quarter of its feature maps, on the embedded corpus with its
own `train.seed`, attacks every test segment and song, and leaves the files that the review reads.
Then pairs of runs are reviewed: nothing but chance tells them apart. Each run is in two pairs: with
the next seed, and with the one before. Only outcomes are compared; metrics with intervals
(heatmaps, sound, corruptions) are left out. Finished runs stay in the folder, so the command can
be stopped and started again. Arguments: FOLDER, how many pairs (20).
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import yaml

from detune.audio.segments import cut_segments
from detune.collection.dataset import IndexRow, Split
from detune.corpus import compose_track, load_recipe
from detune.params.parsing import parse_params
from detune.params.sections import Params
from detune.review.review import review
from detune.review.revision import WORKSPACE, open_revision

FILTERS = (8, 16, 32, 64)
TRAINING, VALIDATION = 7, 8
"""Of a genre's ten tracks the first seven are for training, the next for validation."""

CELLS = tuple((method, epsilon) for method in ("fgsm", "pgd") for epsilon in (0.002, 0.01, 0.05))
PGD_STEPS = 10


def compose(cache: Path) -> Split:
    """Every segment of the embedded corpus, kept in `cache`."""
    recipe = load_recipe(Path("data/embedded.yaml"))
    genres = sorted(recipe.genres)
    values, index = [], []
    for name, genre, number in recipe.tracks():
        kept = cache / f"{name}.npz"
        if not kept.exists():
            cut = cut_segments(compose_track(recipe, genre, number), 10)
            np.savez(kept, values=cut.values, start=cut.start_seconds)
        arrays = np.load(kept)
        values.append(arrays["values"])
        for segment, start in enumerate(arrays["start"]):
            place = (name, genre, genres.index(genre), segment, float(start), -80.0, 0.0)
            index.append(IndexRow("all", len(index), *place))
    return Split(np.concatenate(values), index, genres)


def part(corpus: Split, first: int, last: int) -> Split:
    """The segments of each genre's tracks from number `first` to below `last`."""
    rows = [
        place
        for place, row in enumerate(corpus.index)
        if first <= int(row.track.rpartition(".")[2]) < last
    ]
    index = [replace(corpus.index[row], row=place) for place, row in enumerate(rows)]
    return Split(corpus.values[rows], index, corpus.genres)


def run(corpus: Split, params: Params, folder: Path) -> None:
    """Train with `params.train.seed`, attack, and leave in `folder` what the review reads."""
    from detune.attack.cell import cell_arrays, run_cell  # noqa: PLC0415
    from detune.attack.classifier import CompiledClassifier  # noqa: PLC0415
    from detune.network.runtime import keras  # noqa: PLC0415
    from detune.robustness.predictions import write_predictions  # noqa: PLC0415
    from detune.train.fit import train_model  # noqa: PLC0415

    training, validation = part(corpus, 0, TRAINING), part(corpus, TRAINING, VALIDATION)
    test = part(corpus, VALIDATION, 10)
    labelled = [(split.values, split.labels) for split in (training, validation)]
    with patch("detune.train.network.FILTERS", FILTERS):
        model = train_model(labelled[0], labelled[1], len(corpus.genres), params.train).model
    attack = replace(params.attack, pgd=replace(params.attack.pgd, steps=PGD_STEPS))
    cells = {}
    # Both methods take gradients of one loss, so that the network is compiled once for all cells.
    shared = CompiledClassifier(model)
    with patch("detune.attack.cell.CompiledClassifier", return_value=shared):
        for method, epsilon in CELLS:
            settings: dict[str, Any] = {"method": method, "epsilon": epsilon}
            settings |= {"options": attack.options(method), "examples": 1, "seed": attack.seed}
            cells[method, epsilon] = cell_arrays(run_cell(model, test, **settings), test)
    keras.backend.clear_session()
    for name in ("plots", "metrics", ".dvc"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / ".dvc/config").touch()
    (folder / "dvc.yaml").write_text("stages: {}\n")
    (folder / "dvc.lock").write_text("schema: '2.0'\nstages: {}\n")
    seeds = {"train": {"seed": params.train.seed}, "attack": {"seed": attack.seed}}
    (folder / "params.yaml").write_text(json.dumps(seeds))
    (folder / "metrics/checks.json").write_text(json.dumps({"trustworthy": True}))
    facts = {"processor": "this one", "precision": "float32"}
    (folder / "metrics/robustness.json").write_text(json.dumps(facts))
    write_predictions(cells, test, (np.empty(0, dtype=int), np.empty(0)), folder / "plots")


def pairs_of(count: int) -> list[tuple[int, int]]:
    """`count` pairs of as many seeds, each with the next, the last with the first."""
    return [(seed, seed % count + 1) for seed in range(1, count + 1)]


def main(folder: Path, pairs: int) -> None:
    """Run what is missing, and count what the reviews call shown."""
    params = parse_params(yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")))
    folder.mkdir(parents=True, exist_ok=True)
    corpus = compose(folder)
    figures = shown = alarms = outside = 0
    for seeds in pairs_of(pairs):
        sides = []
        for seed in seeds:
            place = folder / f"seed-{seed}"
            if not (place / "plots/outcomes.csv").exists():
                run(corpus, replace(params, train=replace(params.train, seed=seed)), place)
            sides.append(open_revision(WORKSPACE, str(place)))
        compared = [d for d in review(*sides).differences if d.change is not None]
        named = [d.name for d in compared if d.shown]
        figures, shown, alarms = figures + len(compared), shown + len(named), alarms + bool(named)
        # What the intervals alone would say, without the correction for many figures.
        outside += sum(not (d.low or 0) <= 0 <= (d.high or 0) for d in compared)
        clean = {d.name: d for d in compared}["clean accuracy of segments"]
        print(
            f"seeds {seeds}: segments right {clean.before:.3f} and {clean.after:.3f}; shown {named}"
        )
    print(
        f"{shown} of {figures} figures are called shown, in {alarms} of {pairs} reviews; "
        f"{outside} intervals have no zero"
    )


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("bench: name a folder for the runs")
    main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 20)
