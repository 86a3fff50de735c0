from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detune.support.errors import UserError
from detune.train import network
from detune.train.fit import train_model
from detune.train.machines import join_cluster
from tests.train.test_fit import PARAMS, TRAIN, VALIDATION
from tests.train.test_tf_config import config

ROOT = Path(__file__).parents[2]


def test_a_port_that_is_taken_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("TF_CONFIG", config({"worker": [f"localhost:{port}", "two:1"]}))
        with pytest.raises(UserError, match=f"port {port} is taken"):
            join_cluster()


MACHINE = """
import os, sys
from pathlib import Path
import numpy as np
from detune.support.errors import UserError
from detune.train.machines import join_cluster
machines = join_cluster()
from detune.network.checkpoint import Checkpoint
from detune.train import devices, network
from detune.train.fit import train_model
from tests.train.test_fit import TRAIN, VALIDATION
from tests.train.test_machines import RECIPE
network.FILTERS, network.UNITS = (4,), (16,)
folder, dies = Path(sys.argv[1]), sys.argv[2] == "dies"
learn, steps = devices.MachineReplicas.learn, []
def counted(self, *arguments):
    steps.append(0)
    if dies and len(steps) == 3 and not machines[0].chief:  # in the second epoch
        os._exit(9)
    return learn(self, *arguments)
devices.MachineReplicas.learn = counted
checkpoint = Checkpoint(folder / "checkpoint.npz", "abcdef012345")
try:
    model = train_model(TRAIN, VALIDATION, 3, RECIPE, checkpoint, machines=machines).model
except UserError as error:
    print(error, flush=True)
    os._exit(1)
np.savez(folder / f"{machines[0].index}.npz", *model.get_weights())
print(len(steps), "steps", flush=True)
os._exit(0)
"""
RECIPE = replace(PARAMS, epochs=2, weight_averaging=0.9)


def free_ports() -> list[int]:
    sockets = [socket.socket() for _ in range(2)]
    for one in sockets:
        one.bind(("localhost", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def both(folder: Path, how: str) -> list[tuple[int, str]]:
    """Exit status and output of two machines."""
    addresses = [f"localhost:{port}" for port in free_ports()]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", MACHINE, str(folder), how],
            cwd=ROOT,
            env=os.environ | {"TF_CONFIG": config({"worker": addresses}, index=index)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for index in (0, 1)
    ]
    outputs = [one.communicate()[0] for one in running]
    return [(one.returncode, told) for one, told in zip(running, outputs, strict=True)]


def without_effect(name: str) -> bool:
    """Whether batch norm takes a weight away again: only rounding, which Adam scales, moves it."""
    return name.endswith(("_conv/bias", "1/bias", "moving_mean"))


def test_two_machines_one_of_them_killed_end_with_the_weights_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (chief, told), (other, _) = both(tmp_path, "dies")
    assert (chief, other) == (1, 9), told
    assert "ended or cannot be reached" in told
    assert told.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]

    ended = both(tmp_path, "lives")
    assert ended == [(0, "2 steps\n")] * 2  # of four: the first epoch's are not taken again
    monkeypatch.setattr(network, "FILTERS", (4,))
    monkeypatch.setattr(network, "UNITS", (16,))
    model = train_model(TRAIN, VALIDATION, 3, RECIPE).model
    first, second = (np.load(tmp_path / f"{index}.npz") for index in (0, 1))
    compared = []
    for number, weight in enumerate(model.weights):
        found = first[f"arr_{number}"]
        assert np.array_equal(found, second[f"arr_{number}"])
        if not without_effect(weight.path):
            compared.append(np.abs(found - weight.numpy()).ravel())
    # Adam makes a full step of a gradient that is rounding only, so a few weights may move apart.
    differences = np.concatenate(compared)
    assert np.mean(differences > 2e-4) < 0.01
    assert differences.max() < 2 * 4 * RECIPE.learning_rate
