"""Train the network: a learning rate that falls, early stopping, the best weights kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from detune.checkpoint import Checkpoint, digest, made_by
from detune.params import Train
from detune.runtime import gpus, keras
from detune.scores import accuracy, cross_entropy
from detune.support.errors import UserError
from detune.support.progress import progress_bar
from detune.train.augment import augmented
from detune.train.averaging import RunningAverage
from detune.train.course import HISTORY_COLUMNS, Course
from detune.train.crops import Crops, Labelled
from detune.train.learner import Learner
from detune.train.model import predict_logits
from detune.train.network import build_model
from detune.train.replicas import Replicas

AUGMENTING = 1
"""Sets the draws of augmentation apart from those of the excerpts."""


def training_key(train: Labelled, validation: Labelled, params: Train) -> str:
    """Digest of all that shapes the weights: data, recipe, code, libraries and machine."""
    return digest([*train, *validation, repr(params), made_by([__name__])])


def train_model(
    train: Labelled,
    validation: Labelled,
    genres: int,
    params: Train,
    checkpoint: Checkpoint | None = None,
    *,
    devices: Sequence[str] | None = None,
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
        devices: what shares each batch; all GPUs that there are, by default.

    Returns:
        The model, and a row of `HISTORY_COLUMNS` for each epoch.

    Raises:
        UserError: no epoch had a validation loss that is a number.
    """
    keras.utils.set_random_seed(params.seed)
    crops = Crops(train, params.crop_frames, params.batch_size, params.seed)
    replicas = Replicas(gpus() if devices is None else devices, crops.batch_size)
    learner = Learner(genres, params, crops.batches * params.epochs, replicas)
    model = build_model(
        genres, spatial_dropout=params.spatial_dropout, dense_dropout=params.dense_dropout
    )
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
    learner: Learner,
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
                learner.slow_down(params.plateau_factor)
                course.flat = 0
            if checkpoint:
                checkpoint.save(course.arrays(learner))
            speed = crops.batches * crops.batch_size / (time.perf_counter() - started)
            shown = {name: f"{course.rows[-1][name]:.3f}" for name in HISTORY_COLUMNS[1:]}
            bar.set_postfix(shown | {"segments/s": f"{speed:.0f}"}, refresh=False)
            bar.update()
    return course


def _epoch(learner: Learner, crops: Crops, course: Course, params: Train) -> dict[str, float]:
    """Learn from each batch of the next epoch, and say how well that went."""
    number = len(course.rows)
    random = np.random.default_rng([params.seed, number, AUGMENTING])
    learner.restart()
    for values, labels in crops.epoch(number):
        batch = augmented(values, labels, learner.genres, random, params.augment)
        learnt = learner.learn(*batch)
        if params.weight_averaging:
            course.average.add(learner.weights)
    if not params.weight_averaging:  # to copy the weights at each step would be for nothing
        course.average.add(learner.weights)
    return {"epoch": number + 1, "loss": learnt["loss"], "accuracy": learnt["accuracy"]}


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
