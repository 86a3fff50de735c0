"""Whether the examples in the cells' files are the attack that the files tell of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from detune.statistics.perturbation import sizes

TOLERANCE = 1e-6
"""By how much a size, in spectrogram units, may differ when it is measured again."""

Loaded = Callable[[Any], Mapping[str, np.ndarray]]


def count_mismatches(
    keys: Iterable[tuple[str, float]],
    load: Callable[[tuple[str, float]], Mapping[str, np.ndarray]],
    clean: np.ndarray,
    predict: Callable[[np.ndarray], np.ndarray],
) -> dict[tuple[str, float], int]:
    """How many examples of each cell are not what its file says of them.

    Rows must be those of the first cell, or for a method on a sample some of them; the size is
    measured again, and the model as saved is asked again.

    Args:
        keys: method and epsilon of the cells.
        load: returns all arrays of a cell's file, one file in memory at a time.
        clean: the test segments `(n, 128, 130)`.
        predict: from segments `(k, 128, 130)` to logits `(k, genres)` of the model as saved.
    """
    mismatches = {}
    expected: np.ndarray | None = None
    for key in keys:
        arrays = load(key)
        rows, examples = arrays["example_rows"], arrays["examples"]
        if expected is None:
            expected = rows
        of_sample = np.isin(expected, arrays["row"])
        if len(rows) != len(examples) or not np.array_equal(rows, expected[of_sample]):
            mismatches[key] = max(1, len(examples))
            continue
        linf = sizes(examples, clean[rows])["linf"]
        other_size = ~(np.abs(linf - arrays["example_linf"]) <= TOLERANCE)
        said = arrays["example_logits"].argmax(axis=1)
        other_prediction = predict(examples).argmax(axis=1) != said if len(rows) else said > 0
        mismatches[key] = int((other_size | other_prediction).sum())
    return mismatches
