"""The search on a sample of the test segments."""

from __future__ import annotations

import numpy as np

from detune.attack.classifier import CompiledClassifier
from detune.attack.example_selection import draw_sample
from detune.collection.dataset import Split
from detune.minimum_norm.search import Minimum, find_minimum
from detune.network.runtime import keras
from detune.params.sections import MinimumNorm as Settings
from detune.support.progress import progress_bar


def minimum_of_sample(
    model: keras.Model, test: Split, settings: Settings, *, seed: int, precision: str
) -> tuple[np.ndarray, Minimum]:
    """Test rows `(n,)`, drawn evenly from genres and songs, and the smallest epsilon of each.

    Args:
        model: the model under attack.
        test: the test split.
        settings: how many segments, and how exactly.
        seed: decides which.
        precision: what gradients are computed in.
    """
    rows = draw_sample(test.labels, test.tracks, settings.segments, seed)
    classifier = CompiledClassifier(model, precision=precision)
    with progress_bar("minimum_norm", "segments", len(rows)) as bar:
        minima = find_minimum(
            classifier,
            test.values[rows, ..., None],
            test.labels[rows],
            tolerance=settings.tolerance,
            finished=bar.update,
        )
    return rows, minima
