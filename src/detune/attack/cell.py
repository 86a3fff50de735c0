"""One cell of the grid: a method at an epsilon against the test segments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.grid import cell_name
from detune.attack.methods import ATTACKS, Clean, loss_of
from detune.chunks import CHUNK
from detune.params import METHODS
from detune.runtime import keras
from detune.scores import accuracy, attack_success_rate, song_accuracy
from detune.support.errors import UserError
from detune.support.progress import progress_bar
from detune.train.answers import require_agreement


@dataclass(frozen=True)
class Cell:
    """What an attack did to n test segments.

    Attributes:
        rows: `(n,)` which test segments they are.
        examples: `(k,)` the rows among them whose adversarial segments are kept.
        adversarial: `(n, 128, 130)` float32.
        clean_logits: `(n, genres)` of the segments as they were.
        adversarial_logits: `(n, genres)` of the adversarial segments.
        zero_gradient_fraction: share of the gradients used that were all zero or not finite.
        precision: what gradients were computed in, float32 or bfloat16.
    """

    rows: np.ndarray
    examples: np.ndarray
    adversarial: np.ndarray
    clean_logits: np.ndarray
    adversarial_logits: np.ndarray
    zero_gradient_fraction: float
    precision: str


def run_cell(
    model: keras.Model,
    segments: np.ndarray,
    labels: np.ndarray,
    *,
    method: str,
    epsilon: float,
    options: Any,
    examples: int,
    seed: int,
    precision: str = "float32",
    clean_logits: np.ndarray | None = None,
) -> Cell:
    """Attack segments, untargeted, against their true labels.

    Args:
        model: the model under attack.
        segments: `(n, 128, 130)` float32 in [0, 1].
        labels: true labels `(n,)`.
        method: one of `METHODS`.
        epsilon: L-infinity radius.
        options: the method's parameters; where they name a number of `segments`, that many are
            drawn evenly from the genres.
        examples: how many adversarial segments are kept to be looked at.
        seed: of random starts and draws.
        precision: what gradients are computed in.
        clean_logits: `(n, genres)` of the segments, where the model was asked before.

    Raises:
        UserError: the method does not exist, segments are not finite or not in [0, 1], or the
            logits are not the model's.
    """
    if method not in METHODS:
        raise UserError(f"attack method {method!r} does not exist: choose {', '.join(METHODS)}")
    if not (np.isfinite(segments).all() and segments.min() >= 0 and segments.max() <= 1):
        raise UserError("test segments: values that are not in [0, 1]: run `dvc repro preprocess`")
    classifier = CompiledClassifier(model, loss=loss_of(method), precision=precision)
    if clean_logits is None:
        clean_logits = classifier.predict(segments[..., None])
    else:
        require_agreement(clean_logits[:CHUNK], classifier.predict(segments[:CHUNK, ..., None]))
    drawn = draw_examples(labels, clean_logits.argmax(axis=1), examples, seed)
    # A sample, where the method takes one, whether right or wrong when clean.
    sample = draw_examples(labels, labels, getattr(options, "segments", len(labels)), seed)
    rows = np.sort(sample)
    clean = Clean(segments[rows, ..., None], labels[rows], clean_logits[rows])
    with progress_bar(f"attack {cell_name(method, epsilon)}", "segments", len(rows)) as bar:
        adversarial = ATTACKS[method](
            classifier, clean, epsilon, options, seed=seed, finished=bar.update
        )
    return Cell(
        rows=rows,
        examples=drawn[np.isin(drawn, rows)],
        adversarial=adversarial[..., 0],
        clean_logits=clean.logits,
        adversarial_logits=classifier.predict(adversarial),
        zero_gradient_fraction=classifier.useless_gradients / max(1, classifier.gradients),
        precision=classifier.precision,
    )


def cell_scores(cell: Cell, labels: np.ndarray, tracks: Sequence[str]) -> dict[str, float]:
    """What a reviewer compares: robust accuracy by segment and song, attack success rate.

    Args:
        cell: what the attack did to some of the test segments.
        labels: true labels of all test segments.
        tracks: the track of each of them.
    """
    labels = labels[cell.rows]
    was, found = cell.clean_logits.argmax(axis=1), cell.adversarial_logits.argmax(axis=1)
    return {
        "robust_accuracy": accuracy(found, labels),
        "song_robust_accuracy": song_accuracy(
            cell.adversarial_logits, labels, [tracks[row] for row in cell.rows]
        ),
        "attack_success_rate": attack_success_rate(was, found, labels),
    }


def cell_arrays(cell: Cell, segments: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays of a cell's file.

    Args:
        cell: what the attack did to n of the test segments.
        segments: all of them, clean, `(m, 128, 130)`.
        labels: their true labels `(m,)`.
    """
    change = (cell.adversarial - segments[cell.rows]).reshape(len(cell.rows), -1)
    return {
        "row": cell.rows,
        "label": labels[cell.rows],
        "clean_prediction": cell.clean_logits.argmax(axis=1),
        "adversarial_prediction": cell.adversarial_logits.argmax(axis=1),
        "linf": np.abs(change).max(axis=1),
        "l2": np.linalg.norm(change, axis=1),
        "lowest": cell.adversarial.min(axis=(1, 2)),
        "highest": cell.adversarial.max(axis=(1, 2)),
        "clean_logits": cell.clean_logits,
        "adversarial_logits": cell.adversarial_logits,
        "zero_gradient_fraction": np.asarray(cell.zero_gradient_fraction),
        "precision": np.asarray(cell.precision),
        "adversarial": cell.adversarial,
        "example_rows": cell.examples,
        "examples": cell.adversarial[np.searchsorted(cell.rows, cell.examples)],
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
