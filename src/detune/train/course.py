"""The course of training: how it has gone so far, and all that it takes to go on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np

from detune.train.averaging import RunningAverage
from detune.train.learner import Learner

HISTORY_COLUMNS = ("epoch", "loss", "val_loss", "accuracy", "val_accuracy")

PLATEAU_GAIN = 1e-4
"""A smaller fall of the validation loss, in nats, counts as none on a plateau."""

TOLD = ("rows", "best_loss", "waited", "flat_loss", "flat")
"""What of a course is numbers, not weights."""


@dataclass
class Course:
    """How training has gone so far.

    Attributes:
        average: of the weights over the steps; what is validated.
        rows: a row of `HISTORY_COLUMNS` for each epoch.
        best_loss: the lowest validation loss, in nats.
        best_weights: the weights that had it.
        waited: epochs since.
        flat_loss: the validation loss that must be undercut to leave a plateau.
        flat: epochs on the plateau.
    """

    average: RunningAverage
    rows: list[dict[str, float]] = field(default_factory=list)
    best_loss: float = np.inf
    best_weights: list[np.ndarray] = field(default_factory=list)
    waited: int = 0
    flat_loss: float = np.inf
    flat: int = 0

    def note(self, row: dict[str, float]) -> None:
        """Add an epoch that has just been finished."""
        self.rows.append({name: row[name] for name in HISTORY_COLUMNS})
        loss = row["val_loss"]
        self.waited += 1
        self.flat += 1
        if loss < self.best_loss:
            self.best_loss, self.waited = loss, 0
            self.best_weights = self.average.arrays
        if loss < self.flat_loss - PLATEAU_GAIN:
            self.flat_loss, self.flat = loss, 0

    def arrays(self, learner: Learner) -> dict[str, np.ndarray]:
        """Everything as arrays, with the state of `learner`."""
        lists = {
            "best": self.best_weights,
            "average": self.average.arrays,
            "state": learner.state,
        }
        told = {name: getattr(self, name) for name in TOLD} | {"steps": self.average.steps}
        return {"course": np.asarray(json.dumps(told))} | {
            f"{name}{place}": np.asarray(value)
            for name, values in lists.items()
            for place, value in enumerate(values)
        }

    def restore(self, arrays: dict[str, np.ndarray], learner: Learner) -> None:
        """Take the course, and the state of `learner`, from `arrays`."""
        told = json.loads(str(arrays["course"]))
        self.average.steps = told.pop("steps")
        vars(self).update(told)
        learner.state = _listed(arrays, "state")
        self.best_weights = _listed(arrays, "best")
        self.average.arrays = _listed(arrays, "average")


def _listed(arrays: dict[str, np.ndarray], name: str) -> list[np.ndarray]:
    """The arrays `name0`, `name1`, … in order."""
    count = sum(key.removeprefix(name).isdecimal() for key in arrays)
    return [arrays[f"{name}{place}"] for place in range(count)]
