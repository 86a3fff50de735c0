"""Speed of what the project does its own way, beside the stock way, as ratios within one run."""

from __future__ import annotations

from typing import Any

import librosa
import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.audio.constants import SEGMENT_SAMPLES
from detune.explore.features import separate
from detune.gradcam.cam_methods import CAM_METHODS
from detune.gradcam.gradcam import GradCam
from detune.network.runtime import keras
from detune.train.network import build_model
from tests.stock import stock_classifier

SEGMENTS = 32


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_model(10, spatial_dropout=0.05, dense_dropout=0.3)


@pytest.fixture(scope="module")
def segments() -> np.ndarray:
    return np.random.default_rng(0).random((SEGMENTS, 128, 130, 1), dtype=np.float32)


@pytest.mark.benchmark(group=f"input gradient of {SEGMENTS} segments")
@pytest.mark.parametrize("kind", ["compiled", "stock ART"])
def test_gradient(benchmark: Any, model: keras.Model, segments: np.ndarray, kind: str) -> None:
    classifier = CompiledClassifier(model) if kind == "compiled" else stock_classifier(model)
    labels = np.eye(10, dtype=np.float32)[np.arange(SEGMENTS) % 10]
    benchmark.pedantic(
        classifier.loss_gradient, (segments, labels), rounds=3, iterations=1, warmup_rounds=1
    )


@pytest.mark.benchmark(group=f"heatmaps of {SEGMENTS} segments")
@pytest.mark.parametrize("method", CAM_METHODS)
def test_heatmaps(benchmark: Any, model: keras.Model, segments: np.ndarray, method: str) -> None:
    cam, targets = GradCam(model, method=method), np.arange(SEGMENTS) % 10
    benchmark.pedantic(
        cam.explain, (segments[..., 0], targets), rounds=3, iterations=1, warmup_rounds=1
    )


@pytest.mark.benchmark(group="harmonic and percussive parts of 30 s")
@pytest.mark.parametrize("kind", ["detune", "librosa"])
def test_separation(benchmark: Any, kind: str) -> None:
    audio = np.random.default_rng(0).uniform(-1, 1, 10 * SEGMENT_SAMPLES).astype(np.float32)

    def run() -> None:
        if kind == "librosa":
            librosa.effects.hpss(audio)
        else:
            separate(librosa.stft(audio), audio.size)

    benchmark.pedantic(run, rounds=2, warmup_rounds=1)
