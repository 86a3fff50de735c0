from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from detune.attack.classifier import CompiledClassifier
from detune.network.chunks import CHUNK
from detune.network.runtime import keras, tf
from detune.train.network import build_model
from tests.stock import stock_classifier

SIZES = [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 19]


def smooth_network(kernel: str = "glorot_uniform") -> Any:
    """A network without a kink; with a kernel of zeros its logits ignore the segment."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((128, 130, 1))
    pooled = keras.layers.Flatten()(keras.layers.AveragePooling2D(16)(inputs))
    return keras.Model(inputs, keras.layers.Dense(3, kernel_initializer=kernel)(pooled))


@pytest.fixture(scope="module")
def compiled(network: Any) -> CompiledClassifier:
    return CompiledClassifier(network)


@pytest.mark.parametrize("count", SIZES)
def test_logits_are_arts(
    count: int, compiled: CompiledClassifier, stock: Any, segments: np.ndarray
) -> None:
    x = segments[:count, ..., None]
    logits = compiled.predict(x)
    assert logits.shape == (count, 3)
    assert np.abs(logits - stock.predict(x)).max() < 1e-6


@pytest.mark.parametrize("count", SIZES)
def test_gradients_are_arts(
    count: int,
    compiled: CompiledClassifier,
    stock: Any,
    segments: np.ndarray,
    labels: np.ndarray,
) -> None:
    x, y = segments[:count, ..., None], labels[:count]
    one_hot = np.eye(3, dtype=np.float32)[y]
    expected = stock.loss_gradient(x, one_hot)
    largest = np.abs(expected).max()
    assert largest > 1e-4
    for given in (y, one_hot):
        found = compiled.loss_gradient(x, given)
        assert isinstance(found, np.ndarray)
        assert found.shape == x.shape
        assert np.abs(found - expected).max() < 1e-6 * largest


def test_logits_and_gradients_of_one_pass_are_those_of_two(
    compiled: CompiledClassifier, segments: np.ndarray, labels: np.ndarray
) -> None:
    x = segments[:11, ..., None]
    logits, gradient = compiled.logits_and_gradient(x, labels[:11])
    assert np.abs(logits - compiled.predict(x)).max() < 1e-6
    assert np.array_equal(gradient, compiled.loss_gradient(x, labels[:11]))


def test_a_gradient_is_the_slope_of_the_cross_entropy(
    segments: np.ndarray, labels: np.ndarray
) -> None:
    compiled = CompiledClassifier(smooth_network())
    x = segments[:3, ..., None]
    gradient = compiled.loss_gradient(x, labels[:3])
    direction = np.random.default_rng(0).normal(size=x.shape).astype(np.float32)

    def losses(step: float) -> np.ndarray:
        logits = compiled.predict((x + step * direction).astype(np.float32)).astype(np.float64)
        return np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(3), labels[:3]]

    slope = (losses(0.1) - losses(-0.1)) / 0.2
    assert (gradient * direction).sum(axis=(1, 2, 3)) == pytest.approx(slope, rel=1e-3, abs=1e-4)


def test_a_segments_gradient_does_not_depend_on_its_company(
    compiled: CompiledClassifier, segments: np.ndarray, labels: np.ndarray
) -> None:
    x = segments[..., None]
    order = np.random.default_rng(1).permutation(len(x))
    together = compiled.loss_gradient(x, labels)
    shuffled = compiled.loss_gradient(x[order], labels[order])
    alone = np.concatenate([compiled.loss_gradient(x[n : n + 1], labels[n : n + 1]) for n in order])
    assert np.abs(shuffled - together[order]).max() < 1e-8
    assert np.abs(alone - together[order]).max() < 1e-8


def test_a_tensor_gives_a_tensor(
    compiled: CompiledClassifier, segments: np.ndarray, labels: np.ndarray
) -> None:
    x = segments[:3, ..., None]
    found = compiled.loss_gradient(tf.constant(x), tf.constant(labels[:3]))
    assert tf.is_tensor(found)
    assert np.array_equal(found.numpy(), compiled.loss_gradient(x, labels[:3]))


def test_no_segments_have_no_logits(compiled: CompiledClassifier) -> None:
    assert compiled.predict(np.empty((0, 128, 130, 1), np.float32)).shape == (0, 3)


def test_training_mode_is_arts_own_path(segments: np.ndarray) -> None:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((128, 130, 1))
    pooled = keras.layers.AveragePooling2D(16)(inputs)
    dropped = keras.layers.Dropout(0.5)(keras.layers.Flatten()(pooled))
    compiled = CompiledClassifier(keras.Model(inputs, keras.layers.Dense(3)(dropped)))
    x, y = segments[:2, ..., None], np.eye(3, dtype=np.float32)[:2]
    assert np.array_equal(compiled.predict(x), compiled.predict(x))
    assert not np.allclose(
        compiled.predict(x, training_mode=True), compiled.predict(x, training_mode=True)
    )
    # Dropout leaves pixels without a gradient; otherwise every one has one.
    trained = compiled.loss_gradient(x, y, training_mode=True)[:, :128, :128]
    assert (trained == 0).any()
    assert compiled.loss_gradient(x, y)[:, :128, :128].all()


def test_gradients_are_counted_once_a_segment_and_padding_is_not(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    compiled = CompiledClassifier(network)
    compiled.predict(segments[..., None])
    assert compiled.gradients == 0
    compiled.loss_gradient(segments[:11, ..., None], labels[:11])
    compiled.loss_gradient(segments[:1, ..., None], labels[:1])
    assert (compiled.gradients, compiled.useless_gradients) == (12, 0)


def test_gradients_that_are_zero_or_not_finite_are_counted_as_useless(
    segments: np.ndarray, labels: np.ndarray
) -> None:
    constant = CompiledClassifier(smooth_network("zeros"))
    constant.loss_gradient(segments[:11, ..., None], labels[:11])
    assert (constant.gradients, constant.useless_gradients) == (11, 11)
    broken = CompiledClassifier(smooth_network())
    x = segments[:11, ..., None].copy()
    x[[2, 9], 10, 10] = np.nan
    broken.loss_gradient(x, labels[:11])
    assert (broken.gradients, broken.useless_gradients) == (11, 2)


@pytest.mark.parametrize("label", [None, 1, "labels"])
def test_class_gradients_are_arts(
    label: Any,
    compiled: CompiledClassifier,
    stock: Any,
    segments: np.ndarray,
    labels: np.ndarray,
) -> None:
    x = segments[:9, ..., None]
    wanted = labels[:9] if label == "labels" else label
    expected = stock.class_gradient(x, wanted)
    found = compiled.class_gradient(x, wanted)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()


def test_the_margins_gradient_is_that_of_the_best_other_logit_less_the_true_one(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    x, y = segments[..., None], labels
    compiled = CompiledClassifier(network, loss="margin")
    logits = compiled.predict(x)
    others = np.where(np.eye(3, dtype=bool)[y], -np.inf, logits)
    by_class = compiled.class_gradient(x)
    rows = np.arange(len(y))
    expected = by_class[rows, others.argmax(axis=1)] - by_class[rows, y]
    found = compiled.loss_gradient(x, y)
    assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()


ATTACKS: dict[str, dict[str, Any]] = {
    "FastGradientMethod": {"eps": 0.001},
    "ProjectedGradientDescent": {
        "eps": 0.001,
        "eps_step": 0.0003,
        "max_iter": 5,
        "verbose": False,
    },
    "AutoProjectedGradientDescent": {
        "eps": 0.001,
        "eps_step": 0.0003,
        "max_iter": 5,
        "nb_random_init": 1,
        "loss_type": "cross_entropy",
        "verbose": False,
    },
    "SquareAttack": {"eps": 0.05, "max_iter": 10, "verbose": False},
    "DeepFool": {"max_iter": 5, "epsilon": 0.01, "verbose": False},
}


@pytest.mark.parametrize("name", ATTACKS)
def test_any_attack_of_art_takes_it_and_does_the_same(
    name: str,
    compiled: CompiledClassifier,
    stock: Any,
    segments: np.ndarray,
    labels: np.ndarray,
) -> None:
    attack = getattr(import_module("art.attacks.evasion"), name)
    x, y = segments[:9, ..., None], np.eye(3, dtype=np.float32)[labels[:9]]
    made = []
    for classifier in (compiled, stock):
        np.random.seed(0)  # noqa: NPY002  ART draws from the global state
        made.append(attack(classifier, **ATTACKS[name]).generate(x, y))
    assert (made[0] != x).any()
    # Steps of a sign keep both together to rounding; DeepFool's are as long as the gradient.
    assert np.abs(made[0] - made[1]).max() < (1e-4 if name == "DeepFool" else 1e-6)


def test_bfloat16_points_the_same_way_and_predictions_stay_those_of_the_model(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    x = segments[..., None]
    exact = CompiledClassifier(network)
    coarse = CompiledClassifier(network, precision="bfloat16")
    assert (exact.precision, coarse.precision) == ("float32", "bfloat16")
    assert np.array_equal(exact.predict(x), coarse.predict(x))
    first, second = (c.loss_gradient(x, labels).ravel() for c in (exact, coarse))
    assert second.dtype == np.float32
    assert not np.array_equal(first, second)
    assert np.corrcoef(first, second)[0, 1] > 0.98


def test_without_folding_attacks_on_the_real_network_are_arts_to_rounding(
    segments: np.ndarray, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detune.attack.classifier.fold_batch_norm", lambda model, _: model)
    keras.utils.set_random_seed(0)
    network = build_model(3, spatial_dropout=0.1, dense_dropout=0.1)
    stock = stock_classifier(network, "sum")
    attacks = import_module("art.attacks.evasion")
    x, y = segments[:6, ..., None], labels[:6]
    for attack, options in (
        (attacks.FastGradientMethod, {"eps": 0.01}),
        (
            attacks.ProjectedGradientDescent,
            {"eps": 0.01, "eps_step": 0.003, "max_iter": 3, "verbose": False},
        ),
    ):
        made = [
            attack(classifier, **options).generate(x, y)
            for classifier in (CompiledClassifier(network), stock)
        ]
        assert np.abs(made[0] - made[1]).max() < 1e-6
