from __future__ import annotations

from pathlib import Path

import numpy as np

from detune.network.checkpoint import Checkpoint
from detune.network.runtime import keras
from detune.train.devices import Replicas
from detune.train.state import TrainingState
from detune.train.train_step import Trainer
from detune.train.weight_averaging import RunningAverage
from tests.train.test_fit import PARAMS


def row(epoch: int, loss: float) -> dict[str, float]:
    return {
        "epoch": epoch,
        "loss": 1.0,
        "val_loss": loss,
        "accuracy": 0.5,
        "val_accuracy": 0.5,
    }


def state(losses: list[float]) -> TrainingState:
    """Epochs of these validation losses; the only weight is the number of the epoch."""
    result = TrainingState(RunningAverage(0.0))
    for epoch, loss in enumerate(losses, start=1):
        weights = [np.full(2, epoch, np.float32)]
        result.average.add(weights)
        result.note(row(epoch, loss), weights, f"kind {epoch}")
    return result


def test_the_best_weights_are_those_of_the_lowest_loss() -> None:
    found = state([3.0, 1.0, 2.0, 1.0])
    assert found.best_loss == 1.0
    assert found.best_weights[0].tolist() == [2.0, 2.0]
    assert found.epochs_since_best == 2
    assert (found.best_epoch, found.best_kind) == (2, "kind 2")


def test_a_loss_that_is_no_number_is_never_the_best() -> None:
    found = state([np.nan, 2.0, np.nan])
    assert found.best_weights[0].tolist() == [2.0, 2.0]
    assert found.epochs_since_best == 1
    assert state([np.nan]).best_weights == []


def test_a_fall_too_small_to_count_stays_on_the_plateau() -> None:
    assert state([2.0, 2.0 - 5e-5, 2.0 - 9e-5]).plateau_epochs == 2
    assert state([2.0, 2.0 - 5e-5, 2.0 - 2e-4]).plateau_epochs == 0


def test_a_state_is_restored_from_a_file_with_the_trainer(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    trainer, other = (Trainer(3, PARAMS, 4, Replicas([], 8)) for _ in range(2))
    kept = state([3.0, 1.0, 2.0])
    file = Checkpoint(tmp_path / "checkpoint.npz", "key")
    file.save(kept.arrays(trainer))
    found = TrainingState(RunningAverage(0.0))
    found.restore(file.load() or {}, other)
    assert found.rows == kept.rows
    for name in (
        "best_loss",
        "best_epoch",
        "best_kind",
        "epochs_since_best",
        "plateau_loss",
        "plateau_epochs",
    ):
        assert getattr(found, name) == getattr(kept, name)
    for mine, theirs in (
        (found.best_weights, kept.best_weights),
        (found.average.arrays, kept.average.arrays),
        (other.state, trainer.state),
    ):
        assert len(mine) == len(theirs)
        assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))
    assert found.average.steps == 3
