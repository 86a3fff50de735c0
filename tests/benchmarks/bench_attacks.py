"""ART's own attacks on the compiled classifier and on ART's: the same attack, ratios in one run."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.network.runtime import keras
from detune.train.network import build_model
from tests.attack.test_classifier import ATTACKS
from tests.stock import stock_classifier

SEGMENTS = 8


@pytest.fixture(scope="module")
def classifiers() -> dict[str, Any]:
    keras.utils.set_random_seed(0)
    model = build_model(10, spatial_dropout=0.05, dense_dropout=0.3)
    return {"compiled": CompiledClassifier(model), "stock ART": stock_classifier(model)}


@pytest.mark.benchmark(group=f"ART's attacks on {SEGMENTS} segments")
@pytest.mark.parametrize("kind", ["compiled", "stock ART"])
@pytest.mark.parametrize("name", ATTACKS)
def test_attack(benchmark: Any, classifiers: dict[str, Any], name: str, kind: str) -> None:
    # Given a loss by name, AutoPGD puts a stock classifier of its own in place of ours.
    options = ATTACKS[name] | ({"loss_type": None} if "loss_type" in ATTACKS[name] else {})
    options |= {"max_iter": 1} if name == "DeepFool" else {}
    kind_of_attack = getattr(import_module("art.attacks.evasion"), name)
    attack = kind_of_attack(classifiers[kind], batch_size=SEGMENTS, **options)
    x = np.random.default_rng(0).random((SEGMENTS, 128, 130, 1), dtype=np.float32)
    labels = classifiers["compiled"].predict(x).argmax(axis=1)
    attack.generate(x[:2], labels[:2])  # traces the graphs
    benchmark.pedantic(attack.generate, (x, labels), rounds=1, iterations=1)
