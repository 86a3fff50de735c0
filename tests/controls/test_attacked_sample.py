from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from detune.attack.defences import defended
from detune.controls.attacked_sample import AttackedSample


@pytest.mark.parametrize("defence", ["none", "quantisation-smoothing"])
def test_a_copy_in_another_process_is_the_same_sample(
    network: Any, segments: np.ndarray, defence: str
) -> None:
    sample = AttackedSample(defended(network, defence), segments[:3], np.arange(3), seed=5)
    copy = pickle.loads(pickle.dumps(sample))
    for name in ("x", "labels", "logits"):
        assert np.array_equal(getattr(copy.clean, name), getattr(sample.clean, name))
    assert copy.seed == sample.seed
