from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detune.runtime import keras
from detune.train.learner import Learner
from detune.train.replicas import Replicas
from tests.train.test_training import PARAMS

ROOT = Path(__file__).parents[2]

STILL = replace(PARAMS, spatial_dropout=0.0, dense_dropout=0.0)


def batch(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Excerpts, and what they are of."""
    random = np.random.default_rng(0)
    targets = np.eye(3, dtype=np.float32)[np.arange(count) % 3]
    return random.random((count, 128, 32, 1), dtype=np.float32), targets


def first_step(precision: str) -> np.ndarray:
    """By how much a step moves each weight of a network that is always the same."""
    keras.utils.set_random_seed(1)
    learner = Learner(3, replace(STILL, precision=precision), 10, Replicas([], 8))
    before = learner.weights
    learner.learn(*batch(8))
    moved = [after - start for after, start in zip(learner.weights, before, strict=True)]
    return np.concatenate([part.ravel() for part in moved])


def test_a_step_in_bfloat16_goes_the_same_way() -> None:
    exact, coarse = first_step("float32"), first_step("bfloat16")
    assert not np.array_equal(exact, coarse)
    cosine = exact @ coarse / np.linalg.norm(exact) / np.linalg.norm(coarse)
    assert cosine > 0.9


def test_a_step_tells_the_loss_and_accuracy_since_the_restart() -> None:
    keras.utils.set_random_seed(1)
    learner = Learner(3, replace(STILL, learning_rate=1e-9), 10, Replicas([], 8))
    values, targets = batch(8)
    first = learner.learn(values, targets)
    turned = learner.learn(values, np.roll(targets, 1, axis=1))
    learner.restart()
    alone = learner.learn(values, np.roll(targets, 1, axis=1))
    for name in ("loss", "accuracy"):
        assert turned[name] == pytest.approx((first[name] + alone[name]) / 2, rel=1e-4)
    assert alone["loss"] != pytest.approx(first["loss"], rel=1e-4)


def test_a_state_that_is_put_back_leads_to_the_same_step() -> None:
    keras.utils.set_random_seed(1)
    learner = Learner(3, PARAMS, 10, Replicas([], 8))
    state = learner.state
    learner.learn(*batch(8))
    expected = learner.weights
    learner.learn(*batch(8))
    learner.state = state
    learner.learn(*batch(8))
    for found, wanted in zip(learner.weights, expected, strict=True):
        assert np.array_equal(found, wanted)


@pytest.mark.parametrize(
    ("devices", "size", "expected"), [(0, 16, 1), (1, 16, 1), (1, 7, 1), (2, 7, 1)]
)
def test_a_batch_that_cannot_be_shared_evenly_goes_to_one_device(
    devices: int, size: int, expected: int
) -> None:
    replicas = Replicas([f"CPU:{number}" for number in range(devices)], size)
    assert replicas.strategy.num_replicas_in_sync == expected
    values, _ = batch(4)
    assert replicas.share(values) is values


TWO = """
import os, sys
import numpy as np
os.environ["TF_ENABLE_ONEDNN_OPTS"], os.environ["TF_CPP_MIN_LOG_LEVEL"] = "1", "3"
import tensorflow as tf
cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from pathlib import Path
from detune.runtime import keras
from detune.train.checkpoint import Checkpoint
from detune.train.training import train_model
from detune.train.learner import Learner
from detune.train.replicas import Replicas
from tests.train.test_learner import PARAMS, STILL, batch, replace
from tests.train.test_training import TRAIN, VALIDATION

values, targets = (np.concatenate([part, part]) for part in batch(4))
steps = []
for devices in ([], ["CPU:0", "CPU:1"]):
    keras.utils.set_random_seed(1)
    replicas = Replicas(devices, 8)
    assert replicas.strategy.num_replicas_in_sync == max(1, len(devices))
    assert Replicas(devices, 7).strategy.num_replicas_in_sync == 1
    learner = Learner(3, STILL, 10, replicas)
    start = learner.weights
    told = learner.learn(values, targets)
    steps.append((told, [after - before for after, before in zip(learner.weights, start)]))
(told, alone), (shared_told, shared) = steps
assert abs(told["loss"] - shared_told["loss"]) < 1e-4, (told, shared_told)
assert told["accuracy"] == shared_told["accuracy"]
one, two = (np.concatenate([part.ravel() for part in moved]) for moved in (alone, shared))
assert one @ two / np.linalg.norm(one) / np.linalg.norm(two) > 0.99

def trained(epochs, checkpoint=None):
    params = replace(PARAMS, epochs=epochs)
    model, _ = train_model(
        TRAIN, VALIDATION, 3, params, checkpoint, devices=["CPU:0", "CPU:1"]
    )
    return model.get_weights()

checkpoint = Checkpoint(Path(sys.argv[1]), "key")
expected = trained(2)
trained(1, checkpoint)
for found, wanted in zip(trained(2, checkpoint), expected):
    assert np.array_equal(found, wanted)
"""


def test_two_devices_take_the_step_of_one_and_resume_byte_for_byte(tmp_path: Path) -> None:
    # Two halves that are alike: batch norm, which each device does for its own, then agrees too.
    command = [sys.executable, "-c", TWO, str(tmp_path / "checkpoint.npz")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
