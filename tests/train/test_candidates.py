from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from detune.train.candidates import Candidates
from tests.train.test_fit import PARAMS
from tests.train.test_robust_validation import FLAT, segments, wavy_network


@pytest.mark.parametrize("method", ["none", "pgd"])
def test_weights_are_judged_on_clean_segments_and_attacked_where_training_is(method: str) -> None:
    params = replace(PARAMS, adversarial=replace(PARAMS.adversarial, method=method))
    values, labels = segments()
    trainer = SimpleNamespace(weights=FLAT, genres=2)
    candidates = Candidates(trainer, wavy_network(), params, values, (values, labels))  # type: ignore[arg-type]
    kind, weights, scores = candidates.best([])
    assert kind == "last"
    assert all(map(np.array_equal, weights, FLAT))
    assert scores["val_accuracy"] == 1
    assert ("val_robust_accuracy" in scores) == (method != "none")
