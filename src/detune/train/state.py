"""The state of training: what has happened so far, and all that is needed to continue."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np

from detune.train.train_step import Trainer
from detune.train.weight_averaging import RunningAverage

HISTORY_COLUMNS = ("epoch", "loss", "val_loss", "accuracy", "val_accuracy")

ADVERSARIAL_COLUMNS = (
    *("adversarial_loss", "val_adversarial_loss"),
    *("val_robust_accuracy", "val_fgsm_accuracy"),
)
"""What adversarial training adds to them."""

CRITERIA = ("val_adversarial_loss", "val_loss")
"""What the best weights have the lowest of: the first that there is (Rice et al. 2020)."""

PLATEAU_GAIN = 1e-4
"""A smaller fall of the validation loss, in nats, counts as none on a plateau."""

NUMBERS = (
    *("rows", "best_loss", "best_kind", "epochs_since_best"),
    *("plateau_loss", "plateau_epochs"),
)
"""The fields that are not weights."""


@dataclass
class TrainingState:
    """What has happened so far.

    Attributes:
        average: of the weights over the steps.
        rows: a row of `HISTORY_COLUMNS`, perhaps of `ADVERSARIAL_COLUMNS` too, for each epoch.
        best_loss: the lowest validation loss, in nats; under attack in adversarial training.
        best_weights: the weights that had it.
        best_kind: `average` or `last`.
        epochs_since_best: epochs since then.
        plateau_loss: a lower validation loss than this ends a plateau.
        plateau_epochs: epochs on the plateau.
    """

    average: RunningAverage
    rows: list[dict[str, float]] = field(default_factory=list)
    best_loss: float = np.inf
    best_weights: list[np.ndarray] = field(default_factory=list)
    best_kind: str = ""
    epochs_since_best: int = 0
    plateau_loss: float = np.inf
    plateau_epochs: int = 0

    @property
    def best_epoch(self) -> int:
        """The epoch of the best weights, from 1."""
        return len(self.rows) - self.epochs_since_best

    def note(self, row: dict[str, float], weights: list[np.ndarray], kind: str) -> None:
        """Add an epoch that has just been finished, with the better of its weights."""
        columns = (*HISTORY_COLUMNS, *ADVERSARIAL_COLUMNS)
        self.rows.append({name: row[name] for name in columns if name in row})
        loss = next(row[name] for name in CRITERIA if name in row)
        self.epochs_since_best += 1
        self.plateau_epochs += 1
        if loss < self.best_loss:
            self.best_loss, self.epochs_since_best = loss, 0
            self.best_weights, self.best_kind = weights, kind
        if loss < self.plateau_loss - PLATEAU_GAIN:
            self.plateau_loss, self.plateau_epochs = loss, 0

    def arrays(self, trainer: Trainer) -> dict[str, np.ndarray]:
        """Everything as arrays, with the state of `trainer`."""
        lists = {
            "best": self.best_weights,
            "average": self.average.arrays,
            "trainer": trainer.state,
        }
        numbers = {name: getattr(self, name) for name in NUMBERS} | {"steps": self.average.steps}
        return {"state": np.asarray(json.dumps(numbers))} | {
            f"{name}{place}": np.asarray(value)
            for name, values in lists.items()
            for place, value in enumerate(values)
        }

    def restore(self, arrays: dict[str, np.ndarray], trainer: Trainer) -> None:
        """Restore the state, and that of `trainer`, from `arrays`."""
        numbers = json.loads(str(arrays["state"]))
        self.average.steps = numbers.pop("steps")
        vars(self).update(numbers)
        trainer.state = _listed(arrays, "trainer")
        self.best_weights = _listed(arrays, "best")
        self.average.arrays = _listed(arrays, "average")


def _listed(arrays: dict[str, np.ndarray], name: str) -> list[np.ndarray]:
    """The arrays `name0`, `name1`, … in order."""
    count = sum(key.removeprefix(name).isdecimal() for key in arrays)
    return [arrays[f"{name}{place}"] for place in range(count)]
