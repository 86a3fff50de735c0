"""What defended training buys and costs: clean and robust accuracy of each method and epsilon.

Needs the results of a pipeline run (`data/segments`), or a folder of such segments. Trains a
network for each seed, method and training epsilon, and attacks a sample of the test segments by
FGSM and PGD as the pipeline has them. For the first seed there is the verdict of the pipeline as
well, and PGD on a margin and Auto-PGD at one epsilon. A line of JSON is added to the records for
each network once it is finished; a second start goes on from there.

    python -m tests.benchmarks.defences RECORDS [--segments FOLDER] [--epochs N] [--sample N]
    python -m tests.benchmarks.defences RECORDS --png docs/tradeoff.png

`make tables` writes the tables in docs/defence.md from the records in `tests/benchmarks/records`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.defence_tables import draw, read
from tests.benchmarks.judged import cells_of, drawn_rows, failed_checks, settings

TRAINING_EPSILONS = (0.005, 0.02)
"""Where the plain network begins to fall, and where nearly nothing of it is left."""

SEEDS = (42, 1, 2)
"""The first one for all methods before the next."""

EXAMPLES = 10
"""Segments attacked at full strength in each cell."""

GRID = ("fgsm", "pgd")
"""Of the cells that the verdict sees."""

BESIDE, BESIDE_AT = ("pgd-margin", "apgd"), (0.02,)
"""What is asked beside, at the epsilon of the headline."""


def combinations() -> Iterator[tuple[str, float, int]]:
    """Method, training epsilon and seed of each network, in order."""
    for seed in SEEDS:
        yield "none", 0.0, seed
        for method in ("fgsm-rs", "pgd", "trades"):
            for epsilon in TRAINING_EPSILONS:
                yield method, epsilon, seed


def trained(
    segments: Path, folder: Path, *, method: str, epsilon: float, seed: int, options: Any
) -> dict[str, Any]:
    """Train a network into `folder`; what is said of its training."""
    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.network.model_file import save_model  # noqa: PLC0415
    from detune.support.files import write_json  # noqa: PLC0415
    from detune.train.fit import train_model  # noqa: PLC0415
    from detune.train.report import training_facts  # noqa: PLC0415

    recipe = settings().train
    how = replace(recipe.adversarial, method=method, epsilon=epsilon or 0.005)
    recipe = replace(
        recipe, seed=seed, epochs=options.epochs, precision=options.precision, adversarial=how
    )
    train, validation = (load_split(segments, split) for split in ("train", "validation"))
    started = time.perf_counter()
    result = train_model(
        (train.values, train.labels),
        (validation.values, validation.labels),
        len(train.genres),
        recipe,
    )
    facts = training_facts(result, recipe) | {
        "training_seconds": time.perf_counter() - started,
        "history": result.rows,
    }
    save_model(result.model, train.genres, folder)
    write_json(folder / "training.json", facts)
    return facts


def right_under(cells: Any, method: str) -> dict[str, list[int]]:
    """Which segments remain correct, 0 or 1, by epsilon."""
    return {
        f"{epsilon:g}": (arrays["adversarial_prediction"] == arrays["label"]).astype(int).tolist()
        for (name, epsilon), arrays in cells.items()
        if name == method
    }


def attacked(segments: Path, folder: Path, sample: int, judge: bool) -> dict[str, Any]:
    """What attacks leave of the network in `folder`; with `judge` the verdict on it too."""
    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.network.model_file import load_model, predict_logits  # noqa: PLC0415
    from detune.network.precision import processor_kind  # noqa: PLC0415

    attack = settings().attack
    network, genres = load_model(folder)
    split = drawn_rows(load_split(segments, "test", genres), sample, attack.seed)
    predictions = predict_logits(network, split.values).argmax(axis=1)
    grid = {name: attack.options(name) for name in GRID}
    examples = EXAMPLES if judge else 1
    cells = cells_of(network, split, grid, attack.epsilons, examples=examples, seed=attack.seed)
    outcomes = {
        "processor": processor_kind(),
        "tracks": split.tracks,
        "clean": (predictions == split.labels).astype(int).tolist(),
        **{name: right_under(cells, name) for name in GRID},
    }
    return outcomes | judged(network, split, predictions, cells) if judge else outcomes


def judged(network: Any, split: Any, predictions: np.ndarray, cells: Any) -> dict[str, Any]:
    """What further attacks leave, and which checks of the verdict fail."""
    from detune.attack.example_selection import draw_right  # noqa: PLC0415

    attack = settings().attack
    beside = {name: attack.options(name) for name in BESIDE}
    others = cells_of(network, split, beside, BESIDE_AT, examples=EXAMPLES, seed=attack.seed)
    rows = draw_right(
        split.labels, predictions, split.tracks, attack.controls.segments, attack.seed
    )
    failed = failed_checks(
        attack, network, split, cells, rows=rows, epsilon=attack.controls.epsilon
    )
    return {
        **{name: right_under(others, name) for name in BESIDE},
        "failed": {name: [float(one.figure), float(one.bound)] for name, one in failed.items()},
    }


def measure(options: argparse.Namespace) -> None:
    """Train and attack whatever is not in the records yet."""
    records = read(options.records)
    done = {(record["method"], record["epsilon"], record["seed"]) for record in records}
    for method, epsilon, seed in combinations():
        if (method, epsilon, seed) in done or seed not in options.seeds:
            continue
        folder = options.records.with_suffix("") / f"{method}-{epsilon:g}-{seed}"
        facts = folder / "training.json"
        if facts.is_file():  # trained before, but not attacked to the end
            training = json.loads(facts.read_text(encoding="utf-8"))
        else:
            training = trained(
                options.segments, folder, method=method, epsilon=epsilon, seed=seed, options=options
            )
        started = time.perf_counter()
        record = {"method": method, "epsilon": epsilon, "seed": seed, "training": training}
        record |= attacked(options.segments, folder, options.sample, judge=seed == SEEDS[0])
        record["attack_seconds"] = time.perf_counter() - started
        with options.records.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        print(f"{method} {epsilon:g} seed {seed}: {np.mean(record['clean']):.0%} clean", flush=True)


def main() -> None:
    """Measure, or draw what was measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.defences")
    parser.add_argument("records", type=Path)
    parser.add_argument("--segments", type=Path, default=Path("data/segments"))
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--sample", type=int, default=75, help="test segments that are attacked")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--png", type=Path, help="draw the trade-off there, measure nothing")
    options = parser.parse_args()
    if options.png:
        draw(read(options.records), options.png)
    else:
        measure(options)


if __name__ == "__main__":
    main()
