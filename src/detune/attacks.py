"""One cell of the grid: a method at an epsilon against every test segment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.classifier import WORKERS, CompiledClassifier
from detune.errors import UserError
from detune.grid import METHODS, cell_name
from detune.model import CHUNK
from detune.params import Fgsm, Pgd
from detune.pgd import SurvivorPGD
from detune.progress import progress_bar
from detune.scores import accuracy, attack_success_rate, song_accuracy
from detune.toolbox import FastGradientMethod


@dataclass(frozen=True)
class Clean:
    """What is attacked: segments `(n, 128, 130, 1)`, labels `(n,)`, logits `(n, genres)`."""

    x: np.ndarray
    labels: np.ndarray
    logits: np.ndarray


@dataclass(frozen=True)
class Cell:
    """What an attack did to the n test segments.

    Attributes:
        adversarial: `(n, 128, 130)` float32.
        clean_logits: `(n, genres)` of the segments as they were.
        adversarial_logits: `(n, genres)` of the adversarial segments.
        zero_gradient_fraction: share of the gradients used that were all zero or not finite.
    """

    adversarial: np.ndarray
    clean_logits: np.ndarray
    adversarial_logits: np.ndarray
    zero_gradient_fraction: float


def run_cell(
    classifier: CompiledClassifier,
    segments: np.ndarray,
    labels: np.ndarray,
    *,
    method: str,
    epsilon: float,
    options: Fgsm | Pgd,
    seed: int,
) -> Cell:
    """Attack all segments, untargeted, against their true labels.

    Args:
        classifier: the model under attack.
        segments: `(n, 128, 130)` float32 in [0, 1].
        labels: true labels `(n,)`.
        method: one of `METHODS`.
        epsilon: L-infinity radius.
        options: the method's parameters.
        seed: of random starts.

    Raises:
        UserError: the method does not exist, or segments that are not finite or not in [0, 1].
    """
    attack = _ATTACKS.get(method)
    if attack is None:
        raise UserError(f"attack method {method!r} does not exist: choose {', '.join(METHODS)}")
    if not (np.isfinite(segments).all() and segments.min() >= 0 and segments.max() <= 1):
        raise UserError("test segments: values that are not in [0, 1]: run `dvc repro preprocess`")
    x = segments[..., None]
    before = classifier.gradients, classifier.useless_gradients
    with progress_bar(f"attack {cell_name(method, epsilon)}", "segments", len(x)) as bar:
        clean = Clean(x, labels, classifier.predict(x))
        adversarial = attack(classifier, clean, epsilon, options, seed=seed, finished=bar.update)
    used = classifier.gradients - before[0]
    useless = classifier.useless_gradients - before[1]
    return Cell(
        adversarial=adversarial[..., 0],
        clean_logits=clean.logits,
        adversarial_logits=classifier.predict(adversarial),
        zero_gradient_fraction=useless / max(1, used),
    )


def _fgsm(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Fgsm,
    *,
    seed: int,
    finished: Callable[[int], Any],
) -> np.ndarray:
    """The Fast Gradient Sign Method (Goodfellow et al. 2015); from a random start, one PGD step."""
    if options.random_start:
        one_step = Pgd(steps=1, relative_step=1.0, random_start=True, give_up=0.0)
        return _pgd(classifier, clean, epsilon, one_step, seed=seed, finished=finished)
    fgsm = FastGradientMethod(classifier, eps=epsilon, batch_size=CHUNK * WORKERS)
    adversarial = np.empty_like(clean.x)
    for at in range(0, len(clean.x), fgsm.batch_size):
        part = slice(at, at + fgsm.batch_size)
        adversarial[part] = fgsm.generate(clean.x[part], clean.labels[part])
        finished(len(adversarial[part]))
    return adversarial


def _pgd(
    classifier: CompiledClassifier,
    clean: Clean,
    epsilon: float,
    options: Pgd,
    *,
    seed: int,
    finished: Callable[[int], Any],
) -> np.ndarray:
    """Projected Gradient Descent (Madry et al. 2018) on survivors only."""
    pgd = SurvivorPGD(
        classifier,
        epsilon=epsilon,
        step=epsilon * options.relative_step,
        steps=options.steps,
        random_start=options.random_start,
        seed=seed,
        give_up=options.give_up,
    )
    return pgd.generate(clean.x, clean.labels, finished, clean.logits)


_ATTACKS: dict[str, Callable[..., np.ndarray]] = {"fgsm": _fgsm, "pgd": _pgd}


def cell_scores(cell: Cell, labels: np.ndarray, tracks: Sequence[str]) -> dict[str, float]:
    """What a reviewer compares: robust accuracy by segment and song, attack success rate.

    Args:
        cell: what the attack did to n segments.
        labels: true labels `(n,)`.
        tracks: the track of each segment.
    """
    was, found = cell.clean_logits.argmax(axis=1), cell.adversarial_logits.argmax(axis=1)
    return {
        "robust_accuracy": accuracy(found, labels),
        "song_robust_accuracy": song_accuracy(cell.adversarial_logits, labels, tracks),
        "attack_success_rate": attack_success_rate(was, found, labels),
    }


def cell_arrays(
    cell: Cell, segments: np.ndarray, labels: np.ndarray, examples: np.ndarray
) -> dict[str, np.ndarray]:
    """The arrays of a cell's file.

    Args:
        cell: what the attack did to n segments.
        segments: the clean segments `(n, 128, 130)`.
        labels: true labels `(n,)`.
        examples: rows whose adversarial segments are kept.
    """
    change = (cell.adversarial - segments).reshape(len(labels), -1)
    return {
        "row": np.arange(len(labels)),
        "label": labels,
        "clean_prediction": cell.clean_logits.argmax(axis=1),
        "adversarial_prediction": cell.adversarial_logits.argmax(axis=1),
        "linf": np.abs(change).max(axis=1),
        "l2": np.linalg.norm(change, axis=1),
        "clean_logits": cell.clean_logits,
        "adversarial_logits": cell.adversarial_logits,
        "zero_gradient_fraction": np.asarray(cell.zero_gradient_fraction),
        "example_rows": examples,
        "examples": cell.adversarial[examples],
    }


def draw_examples(
    labels: np.ndarray, clean_predictions: np.ndarray, count: int, seed: int
) -> np.ndarray:
    """Choose rows evenly from the genres, those classified correctly first.

    It looks at nothing that an attack does, so every cell of a grid draws the same rows.

    Args:
        labels: true labels `(n,)`.
        clean_predictions: predicted labels `(n,)` of the clean segments.
        count: how many rows to choose, or all where there are fewer.
        seed: decides which of a genre's rows come first.

    Returns:
        Rows, a genre's turn after the other's, so that the first few are spread as well.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[np.argsort(clean_predictions[order] != labels[order], kind="stable")]
    taken: Counter[int] = Counter()
    turns = np.empty(len(labels), dtype=np.int64)
    for row in order:
        turns[row] = taken[labels[row]]
        taken[labels[row]] += 1
    return np.asarray(order[np.lexsort((labels[order], turns[order]))][:count])
