"""Whether the examples in the cells' files are the attack that the files tell of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from detune.statistics.perturbation import sizes
from detune.statistics.scores import margins

TIE = 1e-4
"""Lead of a logit below which two computations may disagree on the prediction."""

TOLERANCE = 1e-6
"""By how much a size, in spectrogram units, may differ when it is measured again."""


def count_mismatches(
    keys: Iterable[tuple[str, float]],
    load: Callable[[tuple[str, float]], Mapping[str, np.ndarray]],
    clean: np.ndarray,
    predict: Callable[[np.ndarray], np.ndarray],
) -> int:
    """How many examples are not what the file of their cell says of them.

    Rows must be those of the first cell, or for a method on a sample some of them; the size is
    measured again, and the model as saved is asked again.

    Args:
        keys: method and epsilon of the cells.
        load: returns all arrays of a cell's file, one file in memory at a time.
        clean: the test segments `(n, 128, 130)`.
        predict: from segments `(k, 128, 130)` to logits `(k, genres)` of the model as saved.
    """
    mismatches = 0
    expected: np.ndarray | None = None
    for key in keys:
        arrays = load(key)
        rows, examples = arrays["example_rows"], arrays["examples"]
        if expected is None:
            expected = rows
        of_sample = np.isin(expected, arrays["row"])
        if len(rows) != len(examples) or not np.array_equal(rows, expected[of_sample]):
            mismatches += max(1, len(examples))
            continue
        linf = sizes(examples, clean[rows])["linf"]
        other_size = ~(np.abs(linf - arrays["example_linf"]) <= TOLERANCE)
        mismatches += int((other_size | _other_prediction(arrays, predict)).sum())
    return mismatches


def _other_prediction(
    arrays: Mapping[str, np.ndarray], predict: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Which examples the model as saved takes for something else than their file says."""
    said = arrays["example_logits"].argmax(axis=1)
    if not len(said):
        return np.zeros(0, dtype=bool)
    logits = predict(arrays["examples"])
    # A tie may go either way when it is computed in other company.
    return np.asarray((logits.argmax(axis=1) != said) & ~(-margins(logits, said) <= TIE))
