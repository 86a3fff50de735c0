from __future__ import annotations

import pytest

from detune.params.parsing import parse_params
from tests.params.changes import changed, error_of


@pytest.mark.parametrize("method", ["none", "fgsm-rs", "pgd", "trades"])
def test_each_method_of_adversarial_training_is_allowed(method: str) -> None:
    train = parse_params(changed("train.adversarial.method", method)).train
    assert train.adversarial.method == method


@pytest.mark.parametrize("epsilon", [0, 1.5])
def test_an_epsilon_that_trains_nothing_is_told(epsilon: float) -> None:
    message = error_of(changed("train.adversarial.epsilon", epsilon))
    assert message == (
        f"train.adversarial.epsilon: {epsilon} is not allowed: give a number above 0, at most 1"
    )
