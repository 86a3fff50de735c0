"""Defences that only seem to be: what the verdict says of each, and what an adaptive attack leaves.

Needs the results of a pipeline run. Each is what `attack.defence` puts in front of the network. The
adaptive attack knows it: it takes gradients straight through a rounding (BPDA), and of the mean of
the logits over random choices (EOT; both Athalye et al. 2018). The controls take every second
segment that is right. Arguments: epsilon, then names of defences; all of them without any.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.judged import cells_of, failed_checks, settings

SEGMENTS = 16
"""Test segments that are right without a defence, drawn evenly."""

ANSWERS = 5
"""How often a defended network is asked; one that is random answers otherwise each time."""


def accuracy_after(attack: Any, asked: Any, answering: Any, segments: Any, epsilon: float) -> float:
    """Share right after all steps of PGD on the network `asked`, as the other one answers."""
    from detune.attack import methods  # noqa: PLC0415
    from detune.attack.classifier import CompiledClassifier  # noqa: PLC0415
    from detune.attack.pgd import Clean  # noqa: PLC0415

    values, labels = segments
    x, everyone = values[..., None], np.arange(len(labels))
    classifier = CompiledClassifier(asked)
    clean = Clean(x, labels, classifier.predict(x), examples=everyone)
    outcome = methods.pgd(
        classifier, clean, epsilon, attack.pgd, seed=attack.seed, finished=lambda _: None
    )
    return right(answering, outcome.examples, labels)


def right(network: Any, x: np.ndarray, labels: np.ndarray) -> float:
    """Share of segments `(n, 128, 130, 1)` that are right, over several answers."""
    answers = [network.predict(x, verbose=0).argmax(axis=1) == labels for _ in range(ANSWERS)]
    return float(np.mean(answers))


def verdict_on(attack: Any, network: Any, split: Any, epsilon: float) -> str:
    """The checks of the verdict that fail, on a grid of two epsilons."""
    options = {method: attack.options(method) for method in ("fgsm", "pgd")}
    cells = cells_of(network, split, options, (epsilon / 2, epsilon), examples=10, seed=attack.seed)
    correct = cells["pgd", epsilon]["clean_prediction"] == split.labels
    rows = np.flatnonzero(correct)[::2]
    failed = failed_checks(attack, network, split, cells, rows=rows, epsilon=epsilon)
    return f"not trustworthy: {', '.join(failed)}" if failed else "trustworthy"


def main(epsilon: float, names: list[str]) -> None:
    """Print a row a defence."""
    from detune.attack.defences import DEFENCES, defended, surrogate  # noqa: PLC0415
    from detune.attack.example_selection import draw_right  # noqa: PLC0415
    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.network.model_file import load_model, predict_logits  # noqa: PLC0415

    network, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    predictions = predict_logits(network, test.values).argmax(axis=1)
    rows = draw_right(test.labels, predictions, test.tracks, SEGMENTS, 0)
    split = replace(test, values=test.values[rows], index=[test.index[row] for row in rows])
    segments = split.values, split.labels
    attack = settings().attack
    for name in names or DEFENCES:
        whole = defended(network, name)
        clean = right(whole, split.values[..., None], split.labels)
        plain, knowing = (
            accuracy_after(attack, asked, whole, segments, epsilon)
            for asked in (whole, surrogate(network, name))
        )
        shares = " | ".join(f"{100 * share:.0f}" for share in (clean, plain, knowing))
        print(f"| {name} | {shares} | {verdict_on(attack, whole, split, epsilon)} |", flush=True)


if __name__ == "__main__":
    if not Path("data/model").is_dir():
        sys.exit("bench: no model there: run `make repro` first")
    main(float(sys.argv[1]) if sys.argv[1:] else 0.01, sys.argv[2:])
