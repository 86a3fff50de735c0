"""One cell of the grid: a method at an epsilon against the test segments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.example_selection import draw_examples, draw_sample
from detune.attack.grid import cell_name
from detune.attack.methods import ATTACKS, loss_of
from detune.attack.pgd import Clean
from detune.collection.dataset import Split
from detune.network.chunks import CHUNK
from detune.network.precision import processor_kind
from detune.network.runtime import keras
from detune.network.test_logits import require_agreement
from detune.statistics.perturbation import sizes
from detune.statistics.scores import accuracy, attack_success_rate, song_votes
from detune.support.errors import UserError
from detune.support.progress import progress_bar


@dataclass(frozen=True)
class Cell:
    """What an attack did to n test segments, their s songs, and k examples among them.

    Attributes:
        rows: `(n,)` which test segments they are.
        adversarial: `(n, 128, 130)` float32, of each segment the first misclassified iterate, or
            the last one seen.
        clean_logits: `(n, genres)` of the segments as they were.
        adversarial_logits: `(n, genres)` of the adversarial segments.
        songs: names of the songs `(s,)`.
        song_labels: their true labels `(s,)`.
        song_clean_predictions: `(s,)` what their votes were.
        song_predictions: `(s,)` what they are taken for under attack.
        example_rows: `(k,)` rows of the examples.
        examples: `(k, 128, 130)` float32, attacked at full strength: all steps, the last iterate.
        example_logits: `(k, genres)` of the examples by the model as saved.
        example_gradient_logits: the same by the model that gradients were taken of.
        example_losses: `(k, steps + 1)` their cross-entropy before each step and after the last
            one; `(0, 0)` where there are no steps to follow.
        zero_gradient_fraction: share of the gradients used that were all zero or not finite.
        precision: what gradients were computed in, float32 or bfloat16.
    """

    rows: np.ndarray
    adversarial: np.ndarray
    clean_logits: np.ndarray
    adversarial_logits: np.ndarray
    songs: np.ndarray
    song_labels: np.ndarray
    song_clean_predictions: np.ndarray
    song_predictions: np.ndarray
    example_rows: np.ndarray
    examples: np.ndarray
    example_logits: np.ndarray
    example_gradient_logits: np.ndarray
    example_losses: np.ndarray
    zero_gradient_fraction: float
    precision: str


def run_cell(
    model: keras.Model,
    test: Split,
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
        test: the segments.
        method: one of `ATTACKS`.
        epsilon: L-infinity radius.
        options: the method's parameters; where they name a number of `segments`, that many are
            drawn evenly from the genres and songs.
        examples: how many segments are attacked at full strength, to be looked at.
        seed: of random starts and draws.
        precision: what gradients are computed in.
        clean_logits: `(n, genres)` of the segments, where the model was asked before.

    Raises:
        UserError: the method does not exist, segments are not finite or not in [0, 1], or the
            logits are not the model's.
    """
    _require_attackable(method, test)
    classifier = _classifier(model, loss_of(method), precision)
    classifier.reset_counts()
    clean_logits = _confirmed_logits(classifier, test, clean_logits)
    clean, rows, names = _chosen(test, clean_logits, options, examples, seed)
    with progress_bar(f"attack {cell_name(method, epsilon)}", "segments", len(rows)) as bar:
        outcome = ATTACKS[method](
            classifier, clean, epsilon, options, seed=seed, finished=bar.update
        )
    adversarial_logits = classifier.predict(outcome.adversarial)
    labels, before, voted = _votes(clean, adversarial_logits)
    fooled = outcome.song_predictions
    return Cell(
        rows=rows,
        adversarial=outcome.adversarial[..., 0],
        clean_logits=clean.logits,
        adversarial_logits=adversarial_logits,
        songs=names,
        song_labels=labels,
        song_clean_predictions=before,
        song_predictions=voted if fooled is None else fooled,
        example_rows=rows[clean.examples],
        examples=outcome.examples[..., 0],
        example_logits=classifier.predict(outcome.examples),
        example_gradient_logits=classifier.gradient_model_logits(outcome.examples),
        example_losses=outcome.example_losses,
        zero_gradient_fraction=classifier.useless_gradients / max(1, classifier.gradients),
        precision=classifier.precision,
    )


@lru_cache(maxsize=2)
def _classifier(model: keras.Model, loss: str, precision: str) -> CompiledClassifier:
    """The model as attacks take it; its graphs are traced once for all cells of a process."""
    return CompiledClassifier(model, loss=loss, precision=precision)


def _require_attackable(method: str, test: Split) -> None:
    if method not in ATTACKS:
        raise UserError(f"attack method {method!r} does not exist: choose {', '.join(ATTACKS)}")
    if not (np.isfinite(test.values).all() and test.values.min() >= 0 and test.values.max() <= 1):
        raise UserError("test segments: values that are not in [0, 1]: run `dvc repro preprocess`")


def _confirmed_logits(
    classifier: CompiledClassifier, test: Split, logits: np.ndarray | None
) -> np.ndarray:
    """Logits of all test segments; those known from before are held against a first chunk."""
    if logits is None:
        return classifier.predict(test.values[..., None])
    first = classifier.predict(test.values[:CHUNK, ..., None])
    require_agreement(logits[:CHUNK], first)
    return logits


def _votes(clean: Clean, adversarial: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True labels of the songs, and their votes when clean and under attack, `(songs,)` each."""
    before, after = (song_votes(logits, clean.songs) for logits in (clean.logits, adversarial))
    labels = np.zeros(len(before), dtype=np.int64)
    labels[clean.songs] = clean.labels
    # A song that is wrong when clean is not "never fooled", whatever an attack makes of it.
    return labels, before, np.where(before == labels, after, before)


def _chosen(
    test: Split, logits: np.ndarray, options: Any, examples: int, seed: int
) -> tuple[Clean, np.ndarray, np.ndarray]:
    """What a method attacks, the rows of these segments `(n,)`, and the names of their songs."""
    labels, tracks = test.labels, np.asarray(test.tracks)
    drawn = draw_examples(labels, logits.argmax(axis=1), test.tracks, examples, seed)
    # A sample, where the method takes one, whether right or wrong when clean.
    count = getattr(options, "segments", len(labels))
    rows = draw_sample(labels, test.tracks, count, seed)
    names, songs = np.unique(tracks[rows], return_inverse=True)
    places = np.searchsorted(rows, drawn[np.isin(drawn, rows)])
    x = test.values[rows, ..., None]
    return Clean(x, labels[rows], logits[rows], songs, places), rows, names


def cell_scores(cell: Cell, labels: np.ndarray) -> dict[str, float]:
    """What a reviewer compares: robust accuracy by segment and song, attack success rate.

    Args:
        cell: what the attack did to some of the test segments.
        labels: true labels of all test segments.
    """
    labels = labels[cell.rows]
    clean, adversarial = cell.clean_logits.argmax(axis=1), cell.adversarial_logits.argmax(axis=1)
    return {
        "robust_accuracy": accuracy(adversarial, labels),
        "song_robust_accuracy": accuracy(cell.song_predictions, cell.song_labels),
        "attack_success_rate": attack_success_rate(clean, adversarial, labels),
    }


def cell_arrays(cell: Cell, test: Split) -> dict[str, np.ndarray]:
    """The arrays of a cell's file, by question: segments, songs, examples.

    Args:
        cell: what the attack did to n of the test segments.
        test: all of them, clean.
    """
    places = np.searchsorted(cell.rows, cell.example_rows)
    return (
        {
            "row": cell.rows,
            "label": test.labels[cell.rows],
            "clean_prediction": cell.clean_logits.argmax(axis=1),
            "adversarial_prediction": cell.adversarial_logits.argmax(axis=1),
            "clean_logits": cell.clean_logits,
            "adversarial_logits": cell.adversarial_logits,
        }
        | sizes(cell.adversarial, test.values[cell.rows])
        | {
            "song": cell.songs,
            "song_label": cell.song_labels,
            "song_clean_prediction": cell.song_clean_predictions,
            "song_adversarial_prediction": cell.song_predictions,
        }
        | {
            "example_rows": cell.example_rows,
            "examples": cell.examples,
            "example_logits": cell.example_logits,
            "example_gradient_logits": cell.example_gradient_logits,
            "example_losses": cell.example_losses,
            "first_wrong": cell.adversarial[places],
        }
        | {
            f"example_{name}": values
            for name, values in sizes(cell.examples, test.values[cell.example_rows]).items()
        }
        | {
            "zero_gradient_fraction": np.asarray(cell.zero_gradient_fraction),
            "precision": np.asarray(cell.precision),
            "processor": np.asarray(processor_kind()),
        }
    )
