from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from art.estimators.classification import TensorFlowV2Classifier

from detune.network.runtime import keras, tf
from detune.params.training import Adversarial
from detune.train.adversarial import AdversarialModel

EPSILON = 0.02
METHODS = ("fgsm-rs", "pgd", "trades")


def network(dropout: float = 0.5) -> Any:
    """A small one with what an attack may move: batch norm and dropout."""
    keras.utils.set_random_seed(3)
    inputs = x = keras.Input((16, 12, 1))
    for _ in range(2):
        x = keras.layers.Conv2D(4, 3, padding="same")(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    drop = keras.layers.Dropout(0.5)  # whose seed is drawn before the weights that follow
    x = drop(keras.layers.Flatten()(x))
    model = keras.Model(inputs, keras.layers.Dense(3)(x))
    drop.rate = dropout
    # Statistics that are not those of the batch: the two ways of batch norm then differ.
    for layer in model.layers:
        if hasattr(layer, "moving_mean"):
            layer.moving_mean.assign(layer.moving_mean + 0.3)
            layer.moving_variance.assign(layer.moving_variance * 0.2)
    return model


def adversary(method: str, dropout: float = 0.5) -> AdversarialModel:
    how = Adversarial(method, EPSILON, steps=3, beta=6.0)
    model = AdversarialModel(network(dropout), how, seed=1)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    return model


def batch() -> tuple[np.ndarray, np.ndarray]:
    values = np.random.default_rng(0).random((6, 16, 12, 1), dtype=np.float32)
    values[0, :4], values[1, :4] = 0.0, 1.0
    return values, np.eye(3, dtype=np.float32)[np.arange(6) % 3]


@pytest.mark.parametrize("method", METHODS)
def test_gradients_are_those_of_art_in_the_mode_of_the_method(method: str) -> None:
    values, targets = batch()
    classifier = TensorFlowV2Classifier(
        network(dropout=0.0),
        nb_classes=3,
        input_shape=(16, 12, 1),
        loss_object=keras.losses.CategoricalCrossentropy(from_logits=True, reduction="sum"),
    )
    # Running statistics first: in training mode ART moves them.
    modes = {mode: classifier.loss_gradient(values, targets, mode) for mode in (False, True)}
    found = adversary(method).input_gradient(tf.constant(values), tf.constant(targets)).numpy()
    mine, other = modes[method != "trades"], modes[method == "trades"]
    scale = np.abs(mine).max()
    np.testing.assert_allclose(found, mine, rtol=0, atol=1e-5 * scale)
    assert np.abs(found - other).max() > 0.1 * scale


@pytest.mark.parametrize("method", METHODS)
def test_an_attack_stays_in_the_ball_raises_the_loss_and_moves_nothing(method: str) -> None:
    values, targets = batch()
    model, judge = adversary(method), network(dropout=0.0)
    weights, batchwise = model.get_weights(), method != "trades"
    if not batchwise:
        targets = tf.nn.softmax(judge(values, training=False)).numpy()
    attacked, again = (
        model.attacked(tf.constant(values), tf.constant(targets)).numpy() for _ in range(2)
    )
    assert np.abs(attacked - values).max() == pytest.approx(EPSILON, abs=1e-6)
    assert (attacked.min(), attacked.max()) == (0.0, 1.0)
    assert not np.array_equal(attacked, again)  # another start

    def loss(x: np.ndarray) -> float:
        logits = judge(x, training=batchwise)
        return float(tf.nn.softmax_cross_entropy_with_logits(targets, logits).numpy().mean())

    assert loss(attacked) > loss(values) + 1e-4
    assert all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights(), strict=True))
    assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == [0.5]


def test_trades_drops_the_same_units_of_clean_and_attacked_excerpts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values, targets = batch()
    model = adversary("trades")
    monkeypatch.setattr(model, "attacked", lambda *_: tf.constant(values))
    losses = []
    for _ in range(2):  # nothing attacked: no divergence, whatever is dropped
        model.reset_metrics()
        told = model.train_on_batch(values, targets, return_dict=True)
        assert float(told["loss"]) == pytest.approx(float(told["adversarial_loss"]), rel=1e-4)
        losses.append(float(told["loss"]))
    assert losses[0] != losses[1]


@pytest.mark.parametrize("method", METHODS)
def test_a_step_lowers_the_loss_of_the_method(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values, targets = batch()
    model, same = adversary(method, dropout=0.0), network(dropout=0.0)
    attacked = np.clip(values + 0.01, 0, 1)
    monkeypatch.setattr(model, "attacked", lambda *_: tf.constant(attacked))
    told = model.train_on_batch(values, targets, return_dict=True)
    with tf.GradientTape() as tape:
        hard, clean = same(attacked, training=True), same(values, training=True)
        adversarial = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, hard))
        loss, seen = adversarial, hard
        if method == "trades":
            natural = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, clean))
            answer = tf.nn.softmax(clean)
            ratio = tf.nn.log_softmax(clean) - tf.nn.log_softmax(hard)
            divergence = tf.reduce_mean(tf.reduce_sum(answer * ratio, axis=1))
            loss, seen = natural + 6.0 * divergence, clean
    assert float(told["loss"]) == pytest.approx(float(loss), rel=1e-4)
    assert float(told["adversarial_loss"]) == pytest.approx(float(adversarial), rel=1e-4)
    right = (seen.numpy().argmax(axis=1) == targets.argmax(axis=1)).mean()
    assert float(told["accuracy"]) == pytest.approx(right)
    gradients = tape.gradient(loss, same.trainable_variables)
    pairs = zip(same.trainable_variables, gradients, model.trainable_variables, strict=True)
    for before, gradient, after in pairs:
        np.testing.assert_allclose(after.numpy(), before.numpy() - 0.1 * gradient, atol=1e-5)
