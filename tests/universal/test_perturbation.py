from __future__ import annotations

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.universal.perturbation import add, find_universal
from tests.universal.networks import BLUES_BAND, METAL_BAND, listener, segments

LABELS = [0, 0, 0]


@pytest.fixture(scope="module")
def classifier() -> CompiledClassifier:
    return CompiledClassifier(listener(), loss="margin")


def test_it_is_what_turns_the_genre_and_no_larger(classifier: CompiledClassifier) -> None:
    values = segments(LABELS, 0)
    found = find_universal(classifier, values, np.asarray(LABELS), 0.05, steps=20)
    assert found.shape == values.shape[1:]
    assert np.abs(found).max() <= 0.05
    assert (found[BLUES_BAND] < 0).all()
    assert (found[METAL_BAND] > 0).all()
    elsewhere = np.delete(found, [BLUES_BAND, METAL_BAND], axis=0)
    assert not elsewhere.any()
    fresh = add(found, segments(LABELS, 1))[..., None]
    assert (classifier.predict(fresh).argmax(axis=1) == 1).all()


def test_it_goes_on_when_all_are_turned(classifier: CompiledClassifier) -> None:
    found = find_universal(classifier, segments(LABELS, 0), np.asarray(LABELS), 0.2, steps=20)
    np.testing.assert_allclose(found[BLUES_BAND], -0.2, rtol=1e-5)
    np.testing.assert_allclose(found[METAL_BAND], 0.2, rtol=1e-5)


def test_segments_that_are_turned_pull_no_more(classifier: CompiledClassifier) -> None:
    """Of two of blues and one of metal, which no perturbation turns together."""
    labels = np.asarray([0, 0, 1])
    found = find_universal(classifier, segments(labels.tolist(), 0), labels, 0.1, steps=20)
    moved = classifier.predict(add(found, segments([0, 1], 1))[..., None])
    assert moved.argmax(axis=1).tolist() == [1, 1]
    assert np.abs(found[BLUES_BAND]).max() < 0.05, "no further than it takes to turn the two"


def test_no_step_leaves_segments_as_they_are(classifier: CompiledClassifier) -> None:
    found = find_universal(classifier, segments(LABELS, 0), np.asarray(LABELS), 0.2, steps=0)
    assert not found.any()


def test_segments_stay_between_0_and_1() -> None:
    moved = add(np.full((128, 130), 0.3, np.float32), np.full((2, 128, 130), 0.9, np.float32))
    assert moved.dtype == np.float32
    assert (moved == 1).all()
