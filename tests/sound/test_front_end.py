from __future__ import annotations

import numpy as np
import pytest

from detune.audio.constants import SEGMENT_SAMPLES
from detune.audio.segments import cut_segments
from detune.network.runtime import tf
from detune.sound.front_end import FrontEnd, compose, to_segments
from tests.sounding import chords

LOUD = np.clip(5 * chords(1, seed=5)[0], -1, 1)
SOUNDS = {
    "chord": chords(1)[0],
    "clipped": LOUD,
    "silence": np.zeros(SEGMENT_SAMPLES, np.float32),
    "silence at last": np.where(np.arange(SEGMENT_SAMPLES) < 40_000, LOUD, 0).astype(np.float32),
    "faint": (1e-5 * LOUD).astype(np.float32),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_it_makes_the_segments_that_preprocess_makes(name: str) -> None:
    sound = SOUNDS[name]
    assert np.abs(to_segments(sound[None])[0] - cut_segments(sound, 1).values[0]).max() < 1e-4


def test_no_sounds_are_no_segments() -> None:
    assert to_segments(np.empty((0, SEGMENT_SAMPLES), np.float32)).shape == (0, 128, 130)


def test_its_gradient_is_the_slope_along_any_direction() -> None:
    front_end, sound = FrontEnd(), chords(2, seed=3).astype(np.float64)
    rng = np.random.default_rng(0)
    weights = tf.constant(rng.standard_normal((2, 128, 130, 1)), tf.float32)

    def height(samples: np.ndarray) -> np.ndarray:
        values = front_end(tf.constant(samples, tf.float32)) * weights
        return np.asarray(tf.reduce_sum(values, axis=(1, 2, 3)), dtype=np.float64)

    samples = tf.constant(sound, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(samples)
        total = tf.reduce_sum(front_end(samples) * weights)
    gradient = np.asarray(tape.gradient(total, samples), dtype=np.float64)
    direction = gradient / np.linalg.norm(gradient, axis=1, keepdims=True)
    step = 3e-4
    rise = (height(sound + step * direction) - height(sound - step * direction)) / (2 * step)
    np.testing.assert_allclose(rise, np.linalg.norm(gradient, axis=1), rtol=0.05)


def test_silence_has_no_gradient_and_no_nan() -> None:
    silence = tf.zeros((1, SEGMENT_SAMPLES))
    with tf.GradientTape() as tape:
        tape.watch(silence)
        total = tf.reduce_sum(FrontEnd()(silence))
    assert not np.asarray(tape.gradient(total, silence)).any()


def test_a_composed_model_answers_as_the_model_does_of_segments(network) -> None:
    sounds = chords(3)
    behind = np.asarray(compose(network)(sounds))
    before = np.asarray(network(to_segments(sounds)[..., None]))
    np.testing.assert_allclose(behind, before, atol=1e-5)
