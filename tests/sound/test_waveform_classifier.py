from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.sound.front_end import to_segments
from detune.sound.level import snr_db
from detune.sound.waveform_classifier import waveform_classifier
from tests.sounding import chords

L2_PGD = {"norm": 2, "eps": 3.0, "eps_step": 1.0, "max_iter": 3, "verbose": False}
ATTACKS = {
    "FastGradientMethod": {"norm": 2, "eps": 3.0},
    "ProjectedGradientDescent": L2_PGD,
    "DeepFool": {"max_iter": 3, "verbose": False},
}


@pytest.fixture(scope="module")
def classifier(network) -> CompiledClassifier:
    return waveform_classifier(network)


def test_it_is_asked_about_samples(network, classifier: CompiledClassifier) -> None:
    sounds = chords(5)
    segments = to_segments(sounds)[..., None]
    of_segments = CompiledClassifier(network).predict(segments)
    np.testing.assert_allclose(classifier.predict(sounds), of_segments, atol=1e-4)


def test_its_gradient_reaches_the_samples(classifier: CompiledClassifier) -> None:
    sounds = chords(3)
    _, gradient = classifier.logits_and_gradient(sounds, np.array([0, 1, 2]))
    assert gradient.shape == sounds.shape
    assert gradient.any(axis=1).all()


@pytest.mark.parametrize("name", ATTACKS)
def test_arts_attacks_take_it(name: str, classifier: CompiledClassifier) -> None:
    sounds = chords(2)
    labels = classifier.predict(sounds).argmax(axis=1)
    attack = getattr(import_module("art.attacks.evasion"), name)(classifier, **ATTACKS[name])
    attacked = attack.generate(sounds, np.eye(3)[labels])
    assert attacked.shape == sounds.shape
    assert np.abs(attacked).max() <= 1
    assert np.isfinite(snr_db(sounds, attacked)).all()
