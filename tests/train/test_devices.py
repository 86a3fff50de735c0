from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from detune.train.devices import Replicas
from tests.train.test_train_step import batch

ROOT = Path(__file__).parents[2]


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
from detune.network.runtime import keras
from detune.train import network
network.FILTERS = (4, 8)
from detune.network.checkpoint import Checkpoint
from detune.train.fit import train_model
from detune.train.train_step import Trainer
from detune.train.devices import Replicas
from tests.train.test_train_step import PARAMS, STILL, batch, replace
from tests.train.test_fit import TRAIN, VALIDATION

values, targets = (np.concatenate([part, part]) for part in batch(4))
steps = []
for devices in ([], ["CPU:0", "CPU:1"]):
    keras.utils.set_random_seed(1)
    replicas = Replicas(devices, 8)
    assert replicas.strategy.num_replicas_in_sync == max(1, len(devices))
    assert Replicas(devices, 7).strategy.num_replicas_in_sync == 1
    trainer = Trainer(3, STILL, 10, replicas)
    start = trainer.weights
    told = trainer.learn(values, targets)
    steps.append((told, [after - before for after, before in zip(trainer.weights, start)]))
(told, alone), (shared_told, shared) = steps
assert abs(told["loss"] - shared_told["loss"]) < 1e-4, (told, shared_told)
assert told["accuracy"] == shared_told["accuracy"]
one, two = (np.concatenate([part.ravel() for part in moved]) for moved in (alone, shared))
assert one @ two / np.linalg.norm(one) / np.linalg.norm(two) > 0.99

def trained(epochs, checkpoint=None):
    adversarial = replace(PARAMS.adversarial, method="trades", steps=1)
    params = replace(PARAMS, epochs=epochs, adversarial=adversarial)
    trained = train_model(TRAIN, VALIDATION, 3, params, checkpoint, devices=["CPU:0", "CPU:1"])
    return trained.model.get_weights(), trained.rows

class First(Checkpoint):
    # Only what is saved first is kept, as where a kill follows it.
    def save(self, arrays):
        if not self._path.exists():
            super().save(arrays)

class Counted(Checkpoint):
    saved = 0
    def save(self, arrays):
        self.saved += 1

expected, rows = trained(2, First(Path(sys.argv[1]), "key"))
resumed = Counted(Path(sys.argv[1]), "key")
weights, again = trained(2, resumed)
assert resumed.saved == 1, "it began anew"
assert again == rows
for found, wanted in zip(weights, expected):
    assert np.array_equal(found, wanted)
"""


def test_two_devices_take_the_step_of_one_and_resume_byte_for_byte(tmp_path: Path) -> None:
    # Two halves that are alike: batch norm, which each device does for its own, then agrees too.
    command = [sys.executable, "-c", TWO, str(tmp_path / "checkpoint.npz")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
