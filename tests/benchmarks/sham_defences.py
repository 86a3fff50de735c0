"""Defences that only seem to be: what the verdict says of each, and what an adaptive attack leaves.

Needs the results of a pipeline run. Each defence changes the input in front of the trained network,
and is part of the network under attack. The adaptive attack knows it: it takes gradients straight
through a rounding (BPDA), and of the mean of the logits over random choices (EOT; both Athalye et
al. 2018). The controls take every second segment that is right. Arguments: epsilon, then
names of defences; all of them without any.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml

SEGMENTS = 16
"""Test segments that are right without a defence, drawn evenly."""

LEVELS = 32
"""Values that quantisation leaves of [0, 1]: 2.5 dB apart in a segment that spans 80 dB."""

SHIFT = 8
"""Frames that a random shift moves a segment by at most: 0.19 s."""

OFFSETS = (-8, -4, 0, 4, 8)
"""Shifts that stand for all random ones in the expectation."""

ANSWERS = 5
"""How often a defended network is asked; one that is random answers otherwise each time."""


def quantised(x: Any) -> Any:
    """Each value rounded to one of `LEVELS`, without a gradient."""
    from detune.network.runtime import tf  # noqa: PLC0415

    return tf.round(x * (LEVELS - 1)) / (LEVELS - 1)


def straight_through(x: Any) -> Any:
    """The same, with the gradient of what is left as it is."""
    from detune.network.runtime import tf  # noqa: PLC0415

    return x + tf.stop_gradient(quantised(x) - x)


def smoothed(x: Any) -> Any:
    """Each value replaced by the mean of the three by three around it."""
    from detune.network.runtime import tf  # noqa: PLC0415

    return tf.nn.avg_pool2d(x, 3, 1, "SAME")


def shifted(x: Any) -> Any:
    """Moved in time by a random number of frames."""
    from detune.network.runtime import tf  # noqa: PLC0415

    return tf.roll(x, tf.random.uniform((), -SHIFT, SHIFT + 1, tf.int32), axis=2)


def behind(network: Any, *changes: Callable[[Any], Any]) -> Any:
    """The mean logits of `network` over inputs that are changed first."""
    from detune.network.runtime import keras  # noqa: PLC0415

    inputs = keras.Input(network.input_shape[1:])
    logits = [network(keras.layers.Lambda(change)(inputs)) for change in changes]
    return keras.Model(inputs, keras.layers.average(logits) if logits[1:] else logits[0])


def defences() -> dict[str, tuple[list[Callable[[Any], Any]], list[Callable[[Any], Any]]]]:
    """By name: what the defence does, and what the adaptive attack takes gradients of."""
    from detune.network.runtime import tf  # noqa: PLC0415

    expectation = [partial(tf.roll, shift=offset, axis=2) for offset in OFFSETS]
    return {
        "none": ([tf.identity], [tf.identity]),
        "quantisation": ([quantised], [straight_through]),
        "smoothing": ([smoothed], [smoothed]),
        "quantisation after smoothing": (
            [lambda x: quantised(smoothed(x))],
            [lambda x: straight_through(smoothed(x))],
        ),
        "random shift": ([shifted], expectation),
    }


def settings() -> Any:
    """The shipped settings of attacks."""
    from detune.params.parsing import parse_params  # noqa: PLC0415

    return parse_params(yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))).attack


def accuracy_after(
    attack: Any, surrogate: Any, defended: Any, segments: Any, epsilon: float
) -> float:
    """Share right after all steps of PGD on `surrogate`, as `defended` answers."""
    from detune.attack import methods  # noqa: PLC0415
    from detune.attack.classifier import CompiledClassifier  # noqa: PLC0415
    from detune.attack.pgd import Clean  # noqa: PLC0415

    values, labels = segments
    x, everyone = values[..., None], np.arange(len(labels))
    classifier = CompiledClassifier(surrogate)
    clean = Clean(x, labels, classifier.predict(x), examples=everyone)
    outcome = methods.pgd(
        classifier, clean, epsilon, attack.pgd, seed=attack.seed, finished=lambda _: None
    )
    return right(defended, outcome.examples, labels)


def right(network: Any, x: np.ndarray, labels: np.ndarray) -> float:
    """Share of segments `(n, 128, 130, 1)` that are right, over several answers."""
    answers = [network.predict(x, verbose=0).argmax(axis=1) == labels for _ in range(ANSWERS)]
    return float(np.mean(answers))


def verdict_on(attack: Any, network: Any, split: Any, epsilon: float) -> str:
    """The checks of the verdict that fail, on a grid of two epsilons."""
    from detune.attack.cell import cell_arrays, run_cell  # noqa: PLC0415
    from detune.controls.control_attacks import Controls  # noqa: PLC0415
    from detune.network.model_file import predict_logits  # noqa: PLC0415
    from detune.params.methods import Square  # noqa: PLC0415
    from detune.robustness import verdict  # noqa: PLC0415
    from detune.robustness.example_audit import count_mismatches  # noqa: PLC0415

    ask = partial(run_cell, network, split, examples=10, seed=attack.seed)
    cells = {
        (method, size): cell_arrays(
            ask(method=method, epsilon=size, options=attack.options(method)), split
        )
        for method in ("fgsm", "pgd")
        for size in (epsilon / 2, epsilon)
    }
    correct = cells["pgd", epsilon]["clean_prediction"] == split.labels
    rows = np.flatnonzero(correct)[::2]
    controls = Controls(
        network, split.values[rows], split.labels[rows], epsilon=epsilon, seed=attack.seed
    )
    black = Square(segments=len(rows), iterations=attack.controls.square_iterations)
    measured = controls.measure(attack.pgd, attack.pgd_margin, attack.noise, black)
    audit = partial(predict_logits, network)
    mismatches = count_mismatches(cells, cells.__getitem__, split.values, audit)
    found = verdict.collect(cells, mismatches, measured, len(split.genres))
    failed = [name for name, check in found.items() if not check.passed]
    return f"not trustworthy: {', '.join(failed)}" if failed else "trustworthy"


def main(epsilon: float, names: list[str]) -> None:
    """Print a row a defence."""
    from detune.attack.example_selection import draw_right  # noqa: PLC0415
    from detune.collection.dataset import load_split  # noqa: PLC0415
    from detune.network.model_file import load_model, predict_logits  # noqa: PLC0415
    from detune.network.runtime import keras  # noqa: PLC0415

    network, genres = load_model(Path("data/model"))
    test = load_split(Path("data/segments"), "test", genres)
    predictions = predict_logits(network, test.values).argmax(axis=1)
    rows = draw_right(test.labels, predictions, test.tracks, SEGMENTS, 0)
    split = replace(test, values=test.values[rows], index=[test.index[row] for row in rows])
    segments = split.values, split.labels
    attack = settings()
    known = defences()
    for name in names or known:
        defence, adaptive = known[name]
        keras.utils.set_random_seed(0)
        defended, surrogate = behind(network, *defence), behind(network, *adaptive)
        clean = right(defended, split.values[..., None], split.labels)
        plain, knowing = (
            accuracy_after(attack, target, defended, segments, epsilon)
            for target in (defended, surrogate)
        )
        shares = " | ".join(f"{100 * share:.0f}" for share in (clean, plain, knowing))
        print(f"| {name} | {shares} | {verdict_on(attack, defended, split, epsilon)} |", flush=True)


if __name__ == "__main__":
    if not Path("data/model").is_dir():
        sys.exit("bench: no model there: run `make repro` first")
    main(float(sys.argv[1]) if sys.argv[1:] else 0.01, sys.argv[2:])
