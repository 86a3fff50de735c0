from __future__ import annotations

from typing import Any

import numpy as np

from detune.attack import methods
from detune.controls.attacked_sample import AttackedSample
from detune.controls.measurements import MEASUREMENTS, Settings, Settled, take
from detune.params.method_options import Square
from tests.planted import settings, traced_once


def test_measurements_do_not_depend_on_each_other(network: Any, segments: np.ndarray) -> None:
    attack = settings(steps=2)
    set_so = Settings(attack.pgd, attack.pgd_margin, attack.noise, Square(3, 3))
    labels = network.predict(segments[:3, ..., None], verbose=0).argmax(axis=1)
    with traced_once():
        sample = AttackedSample(network, segments[:3], labels, seed=1)
        outcome = sample.attacked(methods.pgd, set_so.pgd, 0.002)
        settled = Settled(sample, set_so, 0.002, outcome.adversarial, sample.left(outcome))
        found = [take(settled, each) for each in MEASUREMENTS]
        again = [take(settled, each) for each in reversed(MEASUREMENTS)]
    assert found == again[::-1]
    names = [name for each in found for name in each]
    assert len(names) == len(set(names)) == 11
