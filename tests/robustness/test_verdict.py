from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.attack import methods
from detune.network.runtime import keras, tf
from detune.robustness.checks import Check
from detune.robustness.verdict import content, line, main
from detune.support.files import write_json
from tests.planted import EPSILONS, attacked, failed, judge, judge_cells, measured, settings

layers = keras.layers


def before(network: Any, function: Callable[[Any], Any]) -> Any:
    """`network` behind a function of its input."""
    inputs = keras.Input((128, 130, 1))
    return keras.Model(inputs, network(layers.Lambda(function)(inputs)))


def after(network: Any, function: Callable[[Any], Any]) -> Any:
    """`network` followed by a function of its logits."""
    return keras.Model(network.inputs, layers.Lambda(function)(network.output))


def by_batch(x: Any) -> Any:
    """Normalise by the statistics of whatever is in the batch, as batch norm does in training."""
    mean, variance = tf.nn.moments(x, axes=[0])
    return (x - mean) / tf.sqrt(variance + 0.05)


USUAL = 15.0
"""Brings the small network's logits to the size of a trained network's."""


def shifted_at_random(x: Any) -> Any:
    """A random shift in time at inference, by up to eight frames."""
    return tf.roll(x, tf.random.uniform((), -8, 9, tf.int32), axis=2)


def through_float16(z: Any) -> Any:
    """Outputs in float16, of a size that overflows."""
    return tf.cast(tf.cast(1e6 * z, tf.float16), tf.float32)


def one_hot_of_the_largest(z: Any) -> Any:
    """An argmax head: right, and without any gradient."""
    return tf.one_hot(tf.argmax(z, axis=-1), 3)


SICK: dict[str, tuple[Callable[[Any], Any], str]] = {
    "logits scaled by 100": (
        lambda network: after(network, lambda z: 100 * USUAL * z),
        "gradients_lead_somewhere",
    ),
    "logits at temperature 1/30": (
        lambda network: after(network, lambda z: 30 * USUAL * z),
        "gradients_lead_somewhere",
    ),
    "quantised input": (
        lambda network: before(network, lambda x: tf.round(64 * x) / 64),
        "gradients_lead_somewhere",
    ),
    "argmax head": (
        lambda network: after(network, one_hot_of_the_largest),
        "gradients_lead_somewhere",
    ),
    "float16 that overflows": (
        lambda network: after(network, through_float16),
        "outputs_are_numbers",
    ),
    "noise on the logits": (
        lambda network: after(network, lambda z: z + tf.random.normal(tf.shape(z), stddev=0.3)),
        "passes_agree",
    ),
    "random shift at inference": (
        lambda network: before(network, shifted_at_random),
        "passes_agree",
    ),
    "dropout at inference": (
        lambda network: before(network, lambda x: tf.nn.dropout(x, 0.05)),
        "passes_agree",
    ),
    "batch statistics at inference": (lambda network: after(network, by_batch), "passes_agree"),
    "softmax instead of logits": (
        lambda network: after(network, tf.nn.softmax),
        "outputs_are_logits",
    ),
    "a rough loss": (
        lambda network: after(network, lambda z: z + tf.sin(3e5 * z)),
        "loss_is_smooth",
    ),
}


def test_a_healthy_model_passes_every_check(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    for scale in (1.0, USUAL):
        found = judge(after(network, lambda z, scale=scale: scale * z), segments, labels)
        assert failed(found) == set()
        assert len(found) == 26


@pytest.mark.parametrize("name", SICK)
def test_a_sick_model_is_caught(
    name: str, network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    spoil, check = SICK[name]
    keras.utils.set_random_seed(1)
    assert check in failed(judge(spoil(network), segments, labels))


def test_shuffled_labels_are_caught(network: Any, segments: np.ndarray, labels: np.ndarray) -> None:
    shuffled = np.random.default_rng(5).permutation(labels)
    assert "better_than_chance" in failed(judge(network, segments, shuffled))


def test_an_attack_that_oversteps_is_caught(
    network: Any, segments: np.ndarray, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overstepping(classifier: Any, clean: Any, epsilon: float, *rest: Any, **more: Any) -> Any:
        return methods.pgd(classifier, clean, 1.02 * epsilon, *rest, **more)

    monkeypatch.setitem(methods.ATTACKS, "pgd", overstepping)
    assert failed(judge(network, segments, labels)) == {"within_epsilon"}


def spoilt_gradients(network: Any, change: Callable[[Any], Any]) -> Any:
    """`network` with other gradients than its own, which its output does not show."""

    @tf.custom_gradient
    def through(x: Any) -> tuple[Any, Callable[[Any], Any]]:
        return tf.identity(x), change

    return before(network, through)


def of_few_bands(gradient: Any) -> Any:
    """Gradients of the lowest bands only."""
    return gradient * tf.cast(tf.range(128) < 8, tf.float32)[None, :, None, None]


WRONG_GRADIENTS: dict[str, tuple[Callable[[Any], Any], set[str]]] = {
    "noise": (
        lambda gradient: tf.random.normal(tf.shape(gradient)),
        {"loss_rises", "black_box_no_stronger"},
    ),
    "flipped sign": (lambda gradient: -gradient, {"loss_rises", "black_box_no_stronger"}),
    "a few bands only": (of_few_bands, {"black_box_no_stronger"}),
}


@pytest.mark.parametrize("name", WRONG_GRADIENTS)
def test_wrong_gradients_are_caught(
    name: str, network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    change, expected = WRONG_GRADIENTS[name]
    keras.utils.set_random_seed(2)
    assert expected <= failed(judge(spoilt_gradients(network, change), segments, labels))


@pytest.fixture(scope="module")
def healthy(network: Any, segments: np.ndarray, labels: np.ndarray) -> tuple[Any, Any]:
    """The cells of the healthy network, and its controls."""
    cells = attacked(network, segments, labels, settings())
    right = cells["pgd", EPSILONS[0]]["clean_prediction"] == labels
    return cells, measured(network, segments[right], labels[right], settings())


@pytest.fixture
def spoilt(healthy: tuple[Any, Any], network: Any, segments: np.ndarray) -> Any:
    """A function that says which checks fail once another one has changed the cells' arrays."""
    cells, controls = healthy

    def judged(spoil: Callable[[Any], None]) -> set[str]:
        copied = {key: dict(arrays) for key, arrays in cells.items()}
        spoil(copied)
        return failed(judge_cells(copied, controls, network, segments))

    return judged


def test_examples_that_stopped_at_the_first_success_are_caught(
    network: Any, segments: np.ndarray, spoilt: Any
) -> None:
    """What a cell keeps as its examples is the weakest adversarial segment on the way."""

    def stop(cells: Any) -> None:
        for arrays in cells.values():
            rows, examples = arrays["example_rows"], arrays["first_wrong"]
            logits = network.predict(examples[..., None], verbose=0)
            arrays["examples"], arrays["example_logits"] = examples, logits
            arrays["example_linf"] = np.abs(examples - segments[rows]).max(axis=(1, 2))

    assert spoilt(stop) == {"examples_fill_the_ball"}


@pytest.mark.parametrize("changed", ["example_rows", "examples", "example_linf", "example_logits"])
def test_examples_that_are_not_what_their_file_says_are_caught(changed: str, spoilt: Any) -> None:
    def swap(cells: Any) -> None:
        arrays = cells["pgd", EPSILONS[1]]
        arrays[changed] = arrays[changed][::-1]
        if changed == "example_linf":
            arrays[changed] = arrays[changed] * 0.99

    assert "examples_match_the_table" in spoilt(swap)


def test_an_attack_on_another_model_than_the_saved_one_is_caught(
    labels: np.ndarray, spoilt: Any
) -> None:
    """Its examples fool the model that gradients are taken of, and not the one that is judged."""

    def transfer(cells: Any) -> None:
        for arrays in cells.values():
            truth = labels[arrays["example_rows"]]
            arrays["example_gradient_logits"] = np.eye(3)[(truth + 1) % 3]

    assert "attacks_transfer" in spoilt(transfer)


def test_songs_that_survive_pgd_and_not_fgsm_are_caught(spoilt: Any) -> None:
    """As where PGD stops at each segment's first success, and the vote over them is still right."""

    def survive(cells: Any) -> None:
        truth = cells["pgd", EPSILONS[1]]["song_label"]
        cells["fgsm", EPSILONS[1]]["song_adversarial_prediction"] = (truth + 1) % 3
        for epsilon in EPSILONS:
            cells["pgd", epsilon]["song_adversarial_prediction"] = truth

    assert spoilt(survive) == {"pgd_beats_fgsm_on_songs"}


def test_songs_that_rise_again_at_a_larger_epsilon_are_caught(spoilt: Any) -> None:
    def rise(cells: Any) -> None:
        for (method, epsilon), arrays in cells.items():
            truth = arrays["song_label"]
            right = method == "fgsm" or epsilon == EPSILONS[1]
            arrays["song_adversarial_prediction"] = truth if right else (truth + 1) % 3

    assert spoilt(rise) == {"songs_fall_with_epsilon"}


def test_too_few_steps_are_an_incomplete_optimisation(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    few = settings(steps=8, relative_step=0.05)
    assert "optimisation_is_complete" in failed(judge(network, segments, labels, few))


def test_one_step_called_pgd_is_caught(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    found = failed(judge(network, segments, labels, settings(steps=1)))
    assert "pgd_beats_fgsm" in found


def test_batch_statistics_are_caught_in_whole_chunks_too(
    network: Any, segments: np.ndarray
) -> None:
    live = after(network, by_batch)
    labels = network.predict(segments[:16, ..., None], verbose=0).argmax(axis=1)
    assert "passes_agree" in failed(judge(live, segments[:16], labels))


def test_outputs_that_are_no_numbers_are_caught(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    broken = after(network, tf.math.log)
    found = judge(broken, segments, labels)
    assert "outputs_are_numbers" in failed(found)
    assert line(found).startswith("not trustworthy")


GOOD, BAD = Check(True, 0.1, 0.2), Check(False, 0.3, 0.2)


def test_the_line_says_trustworthy_or_why_not() -> None:
    assert line({"a": GOOD, "b": GOOD}) == "trustworthy: 2 checks passed"
    assert line({"a": GOOD, "b": BAD}) == "not trustworthy: b is 0.3, at most 0.2 is allowed"
    assert content({"a": GOOD}) == {
        "trustworthy": True,
        "checks": {"a": {"passed": True, "figure": 0.1, "bound": 0.2}},
    }


def test_the_program_exits_with_1_where_it_is_not_trustworthy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "checks.json"
    with pytest.raises(SystemExit, match="no verdict there: run `make repro`"):
        main(path)
    path.write_text(json.dumps(content({"a": GOOD})))
    main(path)
    assert capsys.readouterr().out == "verdict: trustworthy: 1 checks passed\n"
    write_json(path, content({"a": GOOD, "b": Check(False, float("nan"), 0.2)}))
    with pytest.raises(SystemExit, match=r"not trustworthy: b is nan, at most 0\.2"):
        main(path)
    path.write_text(json.dumps(content({"a": GOOD, "b": BAD})))
    with pytest.raises(SystemExit, match="verdict: not trustworthy: b is"):
        main(path)
