from __future__ import annotations

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.attack.pgd import Clean
from detune.sound.level import from_16_bit, radius, snr_db, to_16_bit
from detune.sound.waveform_classifier import waveform_classifier
from detune.waveform.balls import SnrBall
from detune.waveform.waveform_pgd import WaveformPGD
from tests.sounding import chords

SOUNDS = chords(6)
SNR = 10


@pytest.fixture(scope="module")
def classifier(network) -> CompiledClassifier:
    return waveform_classifier(network)


@pytest.fixture(scope="module")
def clean(classifier: CompiledClassifier) -> Clean:
    logits = classifier.predict(SOUNDS)
    return Clean(SOUNDS, logits.argmax(axis=1), logits, examples=np.arange(3))


def attack(classifier: CompiledClassifier, sounds: np.ndarray, steps: int = 8) -> WaveformPGD:
    ball = SnrBall(radius(sounds, SNR))
    return WaveformPGD(classifier, ball, relative_step=0.2, steps=steps)


def test_it_climbs_the_loss_within_the_ball_on_16_bit_sounds(
    classifier: CompiledClassifier, clean: Clean
) -> None:
    outcome = attack(classifier, SOUNDS).attack(clean)
    for found, before in ((outcome.adversarial, SOUNDS), (outcome.examples, SOUNDS[:3])):
        assert (snr_db(before, found) >= SNR).all()
        assert np.array_equal(from_16_bit(to_16_bit(found)), found)
    assert outcome.example_losses.shape == (3, 9)
    rise = outcome.example_losses[:, -1] - outcome.example_losses[:, 0]
    assert (rise > 0).all()
    noise = np.random.default_rng(0).standard_normal(SOUNDS[:3].shape)
    noise *= (radius(SOUNDS[:3], SNR) / np.linalg.norm(noise, axis=1))[:, None]
    beside = classifier.compute_loss(SOUNDS[:3] + noise.astype(np.float32), clean.labels[:3])
    assert (outcome.example_losses[:, -1] > beside).all()


def test_a_segment_does_not_depend_on_its_company(
    classifier: CompiledClassifier, clean: Clean
) -> None:
    together = attack(classifier, SOUNDS).attack(clean).adversarial
    one = slice(4, 5)
    alone = Clean(SOUNDS[one], clean.labels[one], clean.logits[one])
    by_itself = attack(classifier, SOUNDS[one]).attack(alone).adversarial
    np.testing.assert_allclose(by_itself[0], together[4], atol=2 / 32768)


def test_an_attack_begins_anew_each_time(classifier: CompiledClassifier, clean: Clean) -> None:
    twice = attack(classifier, SOUNDS, steps=2)
    assert np.array_equal(twice.attack(clean).adversarial, twice.attack(clean).adversarial)
