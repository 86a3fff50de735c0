from __future__ import annotations

import yaml

from detune.params.parsing import parse_params
from detune.params.sections import Params
from tests.params.changes import SHIPPED


def test_the_shipped_parameters_are_allowed_and_typed() -> None:
    raw = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    params = parse_params(raw)
    assert isinstance(params, Params)
    assert params.attack.epsilons == tuple(raw["attack"]["epsilons"])
    assert params.preprocess.split.train == raw["preprocess"]["split"]["train"]
    assert params.attack.pgd.random_start is raw["attack"]["pgd"]["random_start"]
