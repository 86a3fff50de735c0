from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detune.attack import methods
from detune.robustness.checks import Check
from detune.robustness.verdict import content, line, main
from detune.runtime import keras, tf
from detune.support.files import write_json
from tests.planted import failed, judge, settings

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

SICK: dict[str, tuple[Callable[[Any], Any], str]] = {
    "logits scaled by 100": (
        lambda network: after(network, lambda z: 100 * USUAL * z),
        "gradients_lead_somewhere",
    ),
    "quantised input": (
        lambda network: before(network, lambda x: tf.round(64 * x) / 64),
        "gradients_lead_somewhere",
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
}


def test_a_healthy_model_passes_every_check(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    for scale in (1.0, USUAL):
        found = judge(after(network, lambda z, scale=scale: scale * z), segments, labels)
        assert failed(found) == set()
        assert len(found) == 19


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
