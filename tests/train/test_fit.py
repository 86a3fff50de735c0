from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.network.checkpoint import Checkpoint
from detune.network.model_file import predict_logits
from detune.network.runtime import keras
from detune.params.training import Adversarial, Augment, Train
from detune.statistics.scores import accuracy, cross_entropy
from detune.support.errors import UserError
from detune.train import batch_norm_statistics, fit, train_step
from detune.train.catastrophic_overfitting import overfitting_warning
from detune.train.crops import Crops
from detune.train.fit import train_model, training_key
from detune.train.robust_validation import RobustValidation
from detune.train.state import ADVERSARIAL_COLUMNS, HISTORY_COLUMNS
from detune.train.train_step import Trainer
from tests.train.test_robust_validation import (
    COLLAPSED,
    EPSILON,
    FLAT,
    segments,
    wavy_network,
    weights,
)

ROOT = Path(__file__).parents[2]

PARAMS = Train(
    seed=42,
    epochs=1,
    batch_size=8,
    crop_frames=32,
    learning_rate=0.001,
    schedule="plateau",
    warmup=0.15,
    weight_decay=0.0001,
    spatial_dropout=0.15,
    dense_dropout=0.4,
    early_stopping_patience=10,
    plateau_patience=5,
    plateau_factor=0.3,
    weight_averaging=0.0,
    precision="float32",
    augment=Augment(frequency_mask=0, time_mask=0, mixup=0.0, label_smoothing=0.0),
    adversarial=Adversarial(method="none", epsilon=0.01, steps=2, beta=6.0),
)


def data(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(count, 128, 130)).astype(np.float32), rng.integers(3, size=count)


TRAIN, VALIDATION = data(16, 0), data(8, 1)


def fitted(*arguments: Any, **options: Any) -> tuple[Any, list[dict[str, float]]]:
    """The model and its history."""
    trained = train_model(*arguments, **options)
    return trained.model, trained.rows


def small_network(
    genres: int,
    *,
    spatial_dropout: float,
    dense_dropout: float,
    frames: int | None = 130,
    norm: Any = None,
    precision: str = "float32",
) -> Any:
    """Stands in for the real network where only the state of training matters."""
    inputs = keras.Input((128, frames, 1))
    x = keras.layers.Conv2D(6, (32, 1), strides=(32, 1))(inputs)
    x = keras.layers.SpatialDropout2D(spatial_dropout)(x)
    x = keras.layers.AveragePooling2D((1, 16))(x)
    x = keras.layers.Reshape((-1, 24))(keras.layers.Permute((2, 1, 3))(x))
    x = keras.layers.Dropout(dense_dropout)(keras.layers.GlobalAveragePooling1D()(x))
    return keras.Model(inputs, keras.layers.Dense(genres)(x))


def test_the_same_seed_gives_the_same_weights_of_the_real_network() -> None:
    half = TRAIN[0][:8], TRAIN[1][:8]
    runs = [fitted(half, (VALIDATION[0][:4], VALIDATION[1][:4]), 3, PARAMS) for _ in range(2)]
    (first, rows), (second, again) = runs
    assert first.name == "genre_cnn"
    assert first.input_shape == (None, 128, 130, 1)
    assert first.output_shape == (None, 3)
    assert rows == again
    # What is exported, with Keras's own layers, is what was trained with the fused ones.
    found = cross_entropy(predict_logits(first, VALIDATION[0][:4]), VALIDATION[1][:4])
    assert found == pytest.approx(rows[0]["val_loss"], rel=1e-4)
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        assert np.array_equal(one, other)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Small networks instead of real ones, in the order in which they are built."""
    built: list[Any] = []

    def build(*arguments: Any, **options: Any) -> Any:
        built.append(small_network(*arguments, **options))
        return built[-1]

    monkeypatch.setattr(train_step, "build_model", build)
    monkeypatch.setattr(fit, "build_model", build)
    monkeypatch.setattr(batch_norm_statistics, "build_model", build)
    return built


@pytest.mark.usefixtures("quick")
def test_the_seed_decides_the_weights() -> None:
    first, second = (
        fitted(TRAIN, VALIDATION, 3, replace(PARAMS, seed=seed))[0].get_weights()[0]
        for seed in (1, 2)
    )
    assert not np.array_equal(first, second)


@pytest.mark.usefixtures("quick")
def test_the_weights_are_those_of_the_lowest_validation_loss() -> None:
    model, rows = fitted(TRAIN, VALIDATION, 3, replace(PARAMS, epochs=8, learning_rate=0.2))
    assert HISTORY_COLUMNS == ("epoch", "loss", "val_loss", "accuracy", "val_accuracy")
    assert [tuple(row) for row in rows] == [HISTORY_COLUMNS] * len(rows)
    assert [row["epoch"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(np.isfinite(list(row.values())).all() for row in rows)
    best = min(rows, key=lambda row: row["val_loss"])
    assert best["epoch"] < rows[-1]["epoch"]
    logits = predict_logits(model, VALIDATION[0])
    assert cross_entropy(logits, VALIDATION[1]) == pytest.approx(best["val_loss"], rel=1e-4)
    found = accuracy(logits.argmax(axis=1), VALIDATION[1])
    assert found == pytest.approx(best["val_accuracy"])


@pytest.mark.usefixtures("quick")
def test_a_loss_that_is_never_a_number_is_told_in_one_line() -> None:
    lost = np.full_like(VALIDATION[0], np.nan), VALIDATION[1]
    with pytest.raises(UserError, match=r"lower train\.learning_rate, which is 0\.001"):
        fitted(TRAIN, lost, 3, replace(PARAMS, epochs=3, early_stopping_patience=2))


def test_what_is_exported_is_the_better_of_average_and_last_weights(quick: list[Any]) -> None:
    kinds = set()
    for rate in (0.2, 0.001):
        params = replace(PARAMS, epochs=2, learning_rate=rate, weight_averaging=0.9)
        trained = train_model(TRAIN, VALIDATION, 3, params)
        found = cross_entropy(predict_logits(trained.model, VALIDATION[0]), VALIDATION[1])
        assert found == pytest.approx(min(row["val_loss"] for row in trained.rows), rel=1e-4)
        assert found == pytest.approx(trained.rows[trained.epoch - 1]["val_loss"], rel=1e-4)
        latest = cross_entropy(predict_logits(quick[0], VALIDATION[0]), VALIDATION[1])
        assert found <= latest + 1e-4
        kinds.add(trained.weights)
        quick.clear()
    assert kinds == {"average", "last"}


@pytest.mark.usefixtures("quick")
def test_without_averaging_the_last_weights_are_exported_as_they_are() -> None:
    assert train_model(TRAIN, VALIDATION, 3, replace(PARAMS, epochs=1)).weights == "last"


def test_adversarial_training_keeps_the_best_weights_under_attack(quick: list[Any]) -> None:
    how = replace(PARAMS.adversarial, method="pgd")
    params = replace(PARAMS, epochs=4, learning_rate=0.1, weight_averaging=0.9, adversarial=how)
    trained = train_model(TRAIN, VALIDATION, 3, params)
    assert [tuple(row) for row in trained.rows] == [(*HISTORY_COLUMNS, *ADVERSARIAL_COLUMNS)] * 4
    best = min(trained.rows, key=lambda row: row["val_adversarial_loss"])
    assert trained.epoch == best["epoch"]
    found = RobustValidation(trained.model, VALIDATION, how.epsilon).scores()
    for name, value in found.items():
        assert value == pytest.approx(best[name], rel=1e-4)
    assert len(quick) == 3  # nothing else is trained


def test_catastrophic_overfitting_ends_training_and_the_best_weights_before_it_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Planted: from the third epoch on, a network that withstands FGSM and nothing else."""
    planted = {1: weights(10.0), 2: FLAT}
    steps: list[Any] = []
    for module in (train_step, fit):
        monkeypatch.setattr(module, "build_model", lambda *_, **__: wavy_network())
    told = {"loss": 0.1, "accuracy": 1.0, "adversarial_loss": 0.1}
    monkeypatch.setattr(Trainer, "learn", lambda *batch: steps.append(batch) or told)
    now = property(lambda _: planted.get(len(steps) // 2, COLLAPSED))
    monkeypatch.setattr(Trainer, "weights", now)
    how = replace(PARAMS.adversarial, method="fgsm-rs", epsilon=EPSILON)
    params = replace(PARAMS, epochs=9, crop_frames=130, adversarial=how)
    trained = train_model(segments(16), segments(), 2, params)
    assert len(trained.rows) == 3
    assert trained.epoch == 2
    assert all(map(np.allclose, trained.model.get_weights(), FLAT))
    assert "catastrophic overfitting in epoch 3" in overfitting_warning(trained.rows)


@pytest.mark.usefixtures("quick")
def test_training_stops_when_patience_is_over() -> None:
    params = replace(PARAMS, epochs=30, learning_rate=0.2, early_stopping_patience=2)
    _, rows = fitted(TRAIN, VALIDATION, 3, params)
    best = min(rows, key=lambda row: row["val_loss"])
    assert len(rows) == best["epoch"] + 2 < 30


def test_the_learning_rate_falls_on_a_plateau(quick: list[Any]) -> None:
    params = replace(PARAMS, epochs=8, learning_rate=0.2, plateau_patience=1, plateau_factor=0.5)
    _, rows = fitted(TRAIN, VALIDATION, 3, params)
    losses = [row["val_loss"] for row in rows]
    # A patience of 1 halves the rate after each epoch that brings nothing new.
    best, halvings = np.inf, 0
    for loss in losses:
        halvings += loss >= best - 1e-4
        best = loss if loss < best - 1e-4 else best
    assert halvings >= 2
    assert float(quick[0].optimizer.learning_rate) == pytest.approx(0.2 * 0.5**halvings)


@pytest.mark.usefixtures("quick")
def test_a_network_learns_what_can_be_learnt(capsys: pytest.CaptureFixture[str]) -> None:
    values, labels = data(16, 2)
    values[labels == 1] *= 0.2
    values[labels == 2, :64] *= 0.2
    params = replace(PARAMS, epochs=15, learning_rate=0.03, dense_dropout=0.0, spatial_dropout=0.0)
    model, rows = fitted((values, labels), (values, labels), 3, params)
    assert rows[-1]["loss"] < rows[0]["loss"] / 2
    assert accuracy(predict_logits(model, values).argmax(axis=1), labels) == 1
    assert "train: 100%" in capsys.readouterr().err


def test_crops_are_learnt_from_and_whole_segments_validate_by_the_recipe(
    quick: list[Any],
) -> None:
    params = replace(PARAMS, spatial_dropout=0.25, dense_dropout=0.35, weight_decay=0.02)
    model, (row,) = fitted(TRAIN, VALIDATION, 3, params)
    assert model.input_shape == (None, 128, 130, 1)
    assert quick[0].input_shape == (None, 128, None, 1)
    rates = [layer.rate for layer in quick[0].layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == [0.25, 0.35]
    optimizer = quick[0].optimizer
    assert isinstance(optimizer, keras.optimizers.Adam)
    assert optimizer.weight_decay == 0.02
    assert float(optimizer.learning_rate) == pytest.approx(params.learning_rate)
    logits = predict_logits(model, VALIDATION[0])
    assert cross_entropy(logits, VALIDATION[1]) == pytest.approx(row["val_loss"], rel=1e-4)
    cropped = predict_logits(quick[0], VALIDATION[0][..., :32])
    assert cross_entropy(cropped, VALIDATION[1]) != pytest.approx(row["val_loss"], rel=1e-4)


def test_a_cosine_rises_falls_and_ends_at_zero(quick: list[Any]) -> None:
    params = replace(PARAMS, epochs=10, schedule="cosine", warmup=0.2, learning_rate=0.4)
    fitted(TRAIN, VALIDATION, 3, params)
    optimizer = quick[0].optimizer
    assert int(optimizer.iterations) == 20
    rates = [float(optimizer._learning_rate(step)) for step in range(21)]
    assert rates[0] == 0
    assert rates[2] == pytest.approx(0.2)
    assert max(rates) == rates[4] == pytest.approx(0.4)
    assert rates[12] == pytest.approx(0.2)
    assert rates[20] == pytest.approx(0, abs=1e-6)


def test_a_warm_up_is_no_must(quick: list[Any]) -> None:
    fitted(TRAIN, VALIDATION, 3, replace(PARAMS, schedule="cosine", warmup=0.0))
    assert float(quick[0].optimizer._learning_rate(0)) == pytest.approx(PARAMS.learning_rate)


Outcome = tuple[list[np.ndarray], list[dict[str, float]]]


def outcome(params: Train, checkpoint: Checkpoint | None = None) -> Outcome:
    """The exported weights, and the figures of all epochs, also of those after the exported one."""
    model, rows = fitted(TRAIN, VALIDATION, 3, params, checkpoint)
    return list(model.get_weights()), rows


def same(found: Outcome, wanted: Outcome) -> bool:
    pairs = zip(found[0], wanted[0], strict=True)
    return found[1] == wanted[1] and all(np.array_equal(*pair) for pair in pairs)


class KilledError(Exception):
    """Stands for a kill."""


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("epoch", "recipe"),
    [
        (0, ("cosine", 0.0, "none")),
        (1, ("plateau", 0.9, "trades")),
        (4, ("plateau", 0.0, "fgsm-rs")),
    ],
)
def test_an_interrupted_training_ends_with_the_same_weights(
    epoch: int,
    recipe: tuple[str, float, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    schedule, averaging, method = recipe
    params = replace(PARAMS, epochs=6, schedule=schedule, learning_rate=0.1, plateau_patience=1)
    augment = replace(PARAMS.augment, frequency_mask=20, time_mask=8, mixup=0.3)
    params = replace(params, weight_averaging=averaging, augment=augment)
    params = replace(params, adversarial=replace(PARAMS.adversarial, method=method))
    expected = outcome(params)
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", training_key(TRAIN, VALIDATION, params))
    whole = Crops.epoch

    def interrupted(self: Crops, number: int) -> Any:
        yield from list(whole(self, number))[:1]
        if number == epoch:
            raise KilledError
        yield from list(whole(self, number))[1:]

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(Crops, "epoch", interrupted)
        outcome(params, checkpoint)
    assert same(outcome(params, checkpoint), expected)
    assert [row["epoch"] for row in expected[1]] == list(range(1, len(expected[1]) + 1))
    assert len(expected[1]) == 6 or method != "none"


@pytest.mark.usefixtures("quick")
def test_a_finished_training_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = replace(PARAMS, epochs=3)
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "key")
    expected = outcome(params, checkpoint)
    monkeypatch.setattr(Crops, "epoch", None)
    assert same(outcome(params, checkpoint), expected)


def test_the_key_is_of_data_and_recipe() -> None:
    key = training_key(TRAIN, VALIDATION, PARAMS)
    assert key == training_key(TRAIN, VALIDATION, replace(PARAMS))
    assert key != training_key(TRAIN, VALIDATION, replace(PARAMS, seed=1))
    assert key != training_key(data(16, 1), VALIDATION, PARAMS)
    assert key != training_key(TRAIN, TRAIN, PARAMS)


KILLED = """
import os, signal, sys
from pathlib import Path
from detune.train import train_step, fit
from detune.network.checkpoint import Checkpoint
from detune.train.crops import Crops
from tests.train.test_fit import PARAMS, TRAIN, VALIDATION, small_network, replace
train_step.build_model = fit.build_model = small_network
whole = Crops.epoch
def epoch(self, number):
    yield from list(whole(self, number))[:1]
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    yield from list(whole(self, number))[1:]
Crops.epoch = epoch
checkpoint = Checkpoint(Path(sys.argv[1]), "key")
fit.train_model(TRAIN, VALIDATION, 3, replace(PARAMS, epochs=4), checkpoint)
"""


@pytest.mark.usefixtures("quick")
def test_a_kill_costs_the_epoch_it_fell_into_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params, path = replace(PARAMS, epochs=4), tmp_path / "checkpoint.npz"
    expected = outcome(params)
    command = [sys.executable, "-c", KILLED, str(path)]
    killed = subprocess.run(command, capture_output=True, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    begun: list[int] = []
    whole = Crops.epoch

    def noted(self: Crops, number: int) -> Any:
        begun.append(number)
        return whole(self, number)

    monkeypatch.setattr(Crops, "epoch", noted)
    assert same(outcome(params, Checkpoint(path, "key")), expected)
    assert begun == [2, 3]
