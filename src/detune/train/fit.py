"""Train the network: a falling learning rate, early stopping, the best weights kept."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detune.network.checkpoint import Checkpoint, digest, made_by
from detune.network.runtime import gpus, keras
from detune.params.training import Train
from detune.support.errors import UserError
from detune.support.progress import progress_bar
from detune.train.augment import augmented
from detune.train.candidates import Candidates
from detune.train.catastrophic_overfitting import overfitted_epoch
from detune.train.crops import Crops, Labelled
from detune.train.devices import MachineReplicas, Replicas
from detune.train.epochs import epoch_count
from detune.train.machines import Machines
from detune.train.network import build_model
from detune.train.state import TrainingState
from detune.train.train_step import Trainer
from detune.train.weight_averaging import RunningAverage

AUGMENTING = 1
"""Sets the draws of augmentation apart from those of the excerpts."""


@dataclass(frozen=True)
class Trained:
    """A network that was trained.

    Attributes:
        model: from segments `(n, 128, 130, 1)` to logits, with its best weights.
        rows: a row of `HISTORY_COLUMNS` for each epoch; of `ADVERSARIAL_COLUMNS` too where
            training is adversarial.
        epoch: whose weights the best ones are.
        weights: which of that epoch's: `average` over the steps, or `last`.
    """

    model: keras.Model
    rows: list[dict[str, float]]
    epoch: int
    weights: str


def training_key(
    train: Labelled, validation: Labelled, params: Train, machines: Machines = None
) -> str:
    """Digest of all that determines the weights: data, recipe, code, libraries and machines."""
    shared = [f"{len(machines[0].addresses)} machines"] if machines else []
    return digest([*train, *validation, repr(params), made_by([__name__]), *shared])


def train_model(
    train: Labelled,
    validation: Labelled,
    genres: int,
    params: Train,
    checkpoint: Checkpoint | None = None,
    *,
    devices: Sequence[str] | None = None,
    machines: Machines = None,
) -> Trained:
    """Train a fresh network, and return it with its best weights.

    After each epoch the average of the weights, with batch norm's statistics estimated for it,
    and the last weights are compared by the loss on whole validation segments. The best of all
    epochs are kept; in adversarial training, the best by the loss under a short attack. It ends
    early where catastrophic overfitting is found. The same arguments give the same weights, byte
    for byte, on one machine, interrupted or not.

    Args:
        train: training segments.
        validation: segments that decide when training stops and the learning rate falls.
        genres: how many genres there are.
        params: the recipe.
        checkpoint: where the state is saved after each epoch, and loaded after an interruption.
        devices: what shares each batch; all GPUs that there are, by default.
        machines: what `join_cluster` returned; then all their devices share each batch, all call
            this with the same arguments, and the chief alone saves the state.

    Raises:
        UserError: no epoch had a validation loss that is a number; or a machine is lost.
    """
    keras.utils.set_random_seed(params.seed)
    crops = Crops(train, params.crop_frames, params.batch_size, params.seed)
    replicas = (
        MachineReplicas(*machines, crops.batch_size)
        if machines
        else Replicas(gpus() if devices is None else devices, crops.batch_size)
    )
    epochs = epoch_count(params.epochs, len(train[0]))
    with replicas.told():
        trainer = Trainer(genres, params, crops.batches * epochs, replicas)
        model = build_model(
            genres, spatial_dropout=params.spatial_dropout, dense_dropout=params.dense_dropout
        )
        candidates = Candidates(trainer, model, params, train[0], validation)
        state = _run_epochs(trainer, crops, candidates, params, checkpoint, epochs=epochs)
    if not state.best_weights:
        raise UserError(
            "train: the validation loss was not a number from the first epoch on: lower "
            f"train.learning_rate, which is {params.learning_rate}"
        )
    model.set_weights(state.best_weights)
    return Trained(model, state.rows, state.best_epoch, state.best_kind)


def _run_epochs(
    trainer: Trainer,
    crops: Crops,
    candidates: Candidates,
    params: Train,
    checkpoint: Checkpoint | None,
    *,
    epochs: int,
) -> TrainingState:
    """Run the remaining epochs, with one progress bar for all of them."""
    state = TrainingState(RunningAverage(params.weight_averaging))
    if checkpoint and (saved := checkpoint.load()):
        state.restore(saved, trainer)
    replicas = trainer.replicas
    replicas.agree(digest([checkpoint.key if checkpoint else "", repr(state.rows)]))
    patience = params.early_stopping_patience
    with progress_bar("train", "epochs", epochs) as bar:
        bar.update(len(state.rows))
        while (
            len(state.rows) < epochs
            and state.epochs_since_best < patience
            and not overfitted_epoch(state.rows)
        ):
            started = time.perf_counter()
            trained = _epoch(trainer, crops, state, params)
            kind, weights, scores = candidates.best(state.average.arrays)
            state.note(replicas.of_chief(trained | scores), weights, kind)
            if params.schedule == "plateau" and state.plateau_epochs >= params.plateau_patience:
                trainer.reduce_learning_rate(params.plateau_factor)
                state.plateau_epochs = 0
            arrays = state.arrays(trainer) if checkpoint else {}  # machines put it together
            if checkpoint and replicas.writes:
                checkpoint.save(arrays)
            speed = crops.batches * crops.batch_size / (time.perf_counter() - started)
            figures = {name: f"{value:.3f}" for name, value in state.rows[-1].items()}
            del figures["epoch"]
            bar.set_postfix(figures | {"segments/s": f"{speed:.0f}"}, refresh=False)
            bar.update()
    return state


def _epoch(trainer: Trainer, crops: Crops, state: TrainingState, params: Train) -> dict[str, float]:
    """Train on each batch of the next epoch; return its loss and accuracy."""
    number = len(state.rows)
    random = np.random.default_rng([params.seed, number, AUGMENTING])
    trainer.restart()
    for values, labels in crops.epoch(number):
        batch = augmented(values, labels, trainer.genres, random, params.augment)
        metrics = trainer.learn(*batch)
        if params.weight_averaging:
            state.average.add(trainer.weights)
    trainer.finish_epoch()
    return {"epoch": number + 1} | metrics
