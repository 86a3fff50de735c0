"""Train the network: a learning rate that falls, early stopping, the best weights kept."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from detune.errors import UserError
from detune.params import Train
from detune.progress import progress_bar
from detune.runtime import keras, tf
from detune.scores import accuracy, cross_entropy
from detune.train.augment import augmented
from detune.train.averaging import RunningAverage
from detune.train.checkpoint import Checkpoint, fingerprint
from detune.train.crops import Crops, Labelled
from detune.train.fused import FusedBatchNormalization
from detune.train.model import build_model, predict_logits

HISTORY_COLUMNS = ("epoch", "loss", "val_loss", "accuracy", "val_accuracy")

LIBRARY = Path(__file__).parents[1]

CODE = (
    *("scores", "train/augment", "train/averaging", "train/crops", "train/fused"),
    *("train/model", "train/training"),
)
"""Files of the library that decide what the weights become."""

AUGMENTING = 1
"""Sets the draws of augmentation apart from those of the excerpts."""

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

    def arrays(self, learner: keras.Model) -> dict[str, np.ndarray]:
        """Everything as arrays, with the state of `learner`: weights, optimizer, random seeds."""
        lists = {
            "best": self.best_weights,
            "average": self.average.arrays,
            "state": _state(learner),
        }
        told = {name: getattr(self, name) for name in TOLD} | {"steps": self.average.steps}
        return {"course": np.asarray(json.dumps(told))} | {
            f"{name}{place}": np.asarray(value)
            for name, values in lists.items()
            for place, value in enumerate(values)
        }

    def restore(self, arrays: dict[str, np.ndarray], learner: keras.Model) -> None:
        """Take the course, and the state of `learner`, from `arrays`."""
        told = json.loads(str(arrays["course"]))
        self.average.steps = told.pop("steps")
        vars(self).update(told)
        for place, variable in enumerate(_state(learner)):
            variable.assign(arrays[f"state{place}"])
        weights = range(len(learner.get_weights()))
        self.best_weights = [arrays[f"best{place}"] for place in weights]
        self.average.arrays = [arrays[f"average{place}"] for place in weights]


def _state(learner: keras.Model) -> list[Any]:
    """All variables that the next epoch depends on; dropout's seeds are among them."""
    return [*learner.variables, *learner.optimizer.variables]


def training_key(train: Labelled, validation: Labelled, params: Train) -> str:
    """Fingerprint of all that shapes the weights: data, recipe, code and libraries."""
    code = [(LIBRARY / f"{name}.py").read_bytes() for name in CODE]
    versions = f"{keras.__version__} {tf.__version__} {np.__version__}"
    return fingerprint([*train, *validation, repr(params), *code, versions])


def train_model(
    train: Labelled,
    validation: Labelled,
    genres: int,
    params: Train,
    checkpoint: Checkpoint | None = None,
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Train a fresh network, and return it with the weights of its best epoch.

    The best epoch is the one with the lowest loss on whole validation segments. The same
    arguments give the same weights, byte for byte, on one machine, interrupted or not.

    Args:
        train: what the network learns from.
        validation: what stops training and lowers the learning rate.
        genres: how many genres there are.
        params: the recipe.
        checkpoint: where the state after each epoch is kept, and found after an interruption.

    Returns:
        The model, and a row of `HISTORY_COLUMNS` for each epoch.

    Raises:
        UserError: no epoch had a validation loss that is a number.
    """
    keras.utils.set_random_seed(params.seed)
    build = partial(
        build_model,
        genres,
        spatial_dropout=params.spatial_dropout,
        dense_dropout=params.dense_dropout,
    )
    crops = Crops(train, params.crop_frames, params.batch_size, params.seed)
    learner, model = build(frames=None, norm=FusedBatchNormalization), build()
    rate = _learning_rate(params, crops.batches * params.epochs)
    learner.compile(
        keras.optimizers.Adam(rate, weight_decay=params.weight_decay),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    learner.optimizer.build(learner.trainable_variables)
    validate = partial(_validated, model, validation)
    course = _learn(learner, crops, validate, params, checkpoint)
    if not course.best_weights:
        raise UserError(
            "train: the validation loss was not a number from the first epoch on: lower "
            f"train.learning_rate, which is {params.learning_rate}"
        )
    model.set_weights(course.best_weights)
    return model, course.rows


def _learn(
    learner: keras.Model,
    crops: Crops,
    validate: Callable[[Sequence[np.ndarray]], dict[str, float]],
    params: Train,
    checkpoint: Checkpoint | None,
) -> Course:
    """Run the epochs that are still to run, under one bar over all of them."""
    course = Course(RunningAverage(params.weight_averaging))
    if checkpoint and (kept := checkpoint.load()):
        course.restore(kept, learner)
    with progress_bar("train", "epochs", params.epochs) as bar:
        bar.update(len(course.rows))
        while len(course.rows) < params.epochs and course.waited < params.early_stopping_patience:
            started = time.perf_counter()
            learnt = _epoch(learner, crops, course, params)
            course.note(learnt | validate(course.average.arrays))
            if params.schedule == "plateau" and course.flat >= params.plateau_patience:
                learner.optimizer.learning_rate *= params.plateau_factor
                course.flat = 0
            if checkpoint:
                checkpoint.save(course.arrays(learner))
            speed = crops.batches * crops.batch_size / (time.perf_counter() - started)
            shown = {name: f"{course.rows[-1][name]:.3f}" for name in HISTORY_COLUMNS[1:]}
            bar.set_postfix(shown | {"segments/s": f"{speed:.0f}"}, refresh=False)
            bar.update()
    return course


def _epoch(learner: keras.Model, crops: Crops, course: Course, params: Train) -> dict[str, float]:
    """Learn from each batch of the next epoch, and say how well that went."""
    number, genres = len(course.rows), learner.output_shape[-1]
    random = np.random.default_rng([params.seed, number, AUGMENTING])
    learner.reset_metrics()
    for values, labels in crops.epoch(number):
        batch = augmented(values, labels, genres, random, params.augment)
        learnt = learner.train_on_batch(*batch, return_dict=True)
        if params.weight_averaging:
            course.average.add(learner.get_weights())
    if not params.weight_averaging:  # to copy the weights at each step would be for nothing
        course.average.add(learner.get_weights())
    return {
        "epoch": number + 1,
        "loss": float(learnt["loss"]),
        "accuracy": float(learnt["accuracy"]),
    }


def _validated(
    model: keras.Model, validation: Labelled, weights: Sequence[np.ndarray]
) -> dict[str, float]:
    """How `model`, which is what is exported, does on whole segments with these weights."""
    values, labels = validation
    model.set_weights(weights)
    logits = predict_logits(model, values)
    return {
        "val_loss": cross_entropy(logits, labels),
        "val_accuracy": accuracy(logits.argmax(axis=1), labels),
    }


def _learning_rate(params: Train, steps: int) -> Any:
    """A warm-up and half a cosine over `steps` (Loshchilov & Hutter 2017), or a constant."""
    if params.schedule == "plateau":
        return params.learning_rate
    warmup = round(params.warmup * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=max(1, steps - warmup),
        warmup_target=params.learning_rate,
        warmup_steps=warmup,
    )
