"""A gradient by the samples, through the front end, beside one by the segment: in one run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.network.runtime import keras
from detune.sound.front_end import to_segments
from detune.sound.waveform_classifier import waveform_classifier
from detune.train.network import build_model
from tests.sounding import chords

SEGMENTS = 32


@pytest.mark.benchmark(group=f"input gradients of {SEGMENTS} segments")
@pytest.mark.parametrize("kind", ["segments", "samples"])
def test_gradient(benchmark: Any, kind: str) -> None:
    keras.utils.set_random_seed(0)
    model = build_model(10, spatial_dropout=0.05, dense_dropout=0.3)
    sounds, labels = chords(SEGMENTS), np.arange(SEGMENTS) % 10
    if kind == "samples":
        classifier, x = waveform_classifier(model), sounds
    else:
        classifier, x = CompiledClassifier(model), to_segments(sounds)[..., None]
    classifier.logits_and_gradient(x[:4], labels[:4])  # traces the graph
    benchmark.pedantic(classifier.logits_and_gradient, (x, labels), rounds=7, iterations=1)
