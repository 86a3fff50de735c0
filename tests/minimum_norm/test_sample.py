from __future__ import annotations

from typing import Any

import numpy as np

from detune.minimum_norm.sample import minimum_of_sample
from detune.params.sections import MinimumNorm
from tests.planted import split_of


def test_a_sample_is_spread_over_genres_and_keeps_its_rows(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    settings = MinimumNorm(segments=6, tolerance=0.1)
    split = split_of(segments, labels)
    rows, found = minimum_of_sample(network, split, settings, seed=3, precision="float32")
    assert len(rows) == len(found.epsilons) == 6
    assert rows.tolist() == sorted(rows)
    assert set(labels[rows]) == {0, 1, 2}
    predicted = network.predict(found.adversarial, verbose=0).argmax(axis=1)
    assert (predicted != labels[rows]).all()
    everyone = MinimumNorm(segments=99, tolerance=0.5)
    rows, _ = minimum_of_sample(network, split, everyone, seed=3, precision="float32")
    assert rows.tolist() == list(range(19))
