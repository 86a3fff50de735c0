from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from detune.attack.cell import Cell, cell_arrays, cell_scores, run_cell
from detune.attack.classifier import CompiledClassifier
from detune.attack.example_selection import draw_examples, draw_sample
from detune.attack.pgd import SurvivorPGD
from detune.collection.dataset import Split
from detune.network.runtime import keras
from detune.params.method_options import Fgsm, Noise, Pgd, Square
from detune.support.errors import UserError
from tests.planted import split_of, traced_once

OPTIONS: dict[str, Any] = {
    "fgsm": Fgsm(random_start=False),
    "noise": Noise(draws=2),
    "square": Square(segments=7, iterations=5),
    "pgd": Pgd(steps=6, relative_step=0.25, random_start=False, restarts=1, abort_early=0.0),
}


def run(
    network: Any,
    segments: np.ndarray,
    labels: np.ndarray,
    method: str,
    epsilon: float = 0.001,
    *,
    options: Any = None,
) -> Cell:
    with traced_once():
        return run_cell(
            network,
            split_of(segments, labels),
            method=method,
            epsilon=epsilon,
            options=options or OPTIONS[method],
            examples=9,
            seed=42,
        )


@pytest.mark.parametrize("epsilon", [0.001, 0.02, 0.5])
def test_fgsm_is_arts(
    epsilon: float, network: Any, stock: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    attack = import_module("art.attacks.evasion").FastGradientMethod(stock, eps=epsilon)
    expected = attack.generate(segments[..., None], labels)
    cell = run(network, segments, labels, "fgsm", epsilon)
    assert np.abs(cell.adversarial - expected[..., 0]).max() < 1e-6
    assert np.abs(cell.clean_logits - stock.predict(segments[..., None])).max() < 1e-6
    assert np.abs(cell.adversarial_logits - stock.predict(expected)).max() < 1e-4


def test_fgsm_moves_every_value_that_matters_by_epsilon(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    cell = run(network, segments, labels, "fgsm", 0.01)
    change = np.abs(cell.adversarial - segments)
    inside = (segments > 0.01) & (segments < 0.99) & (change > 0)
    assert change[inside] == pytest.approx(0.01, abs=1e-6)
    assert (change > 0).mean() > 0.5


def test_fgsm_from_a_random_start_is_one_step_of_pgd(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    cell = run(network, segments, labels, "fgsm", 0.001, options=Fgsm(random_start=True))
    attack = SurvivorPGD(
        CompiledClassifier(network), epsilon=0.001, step=0.001, steps=1, random_start=True, seed=42
    )
    expected = attack.generate(segments[..., None], labels)[..., 0]
    assert np.array_equal(cell.adversarial, expected)
    assert not np.array_equal(cell.adversarial, run(network, segments, labels, "fgsm").adversarial)


def test_pgd_takes_its_steps_and_step_size_from_the_options(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    options = Pgd(steps=3, relative_step=0.5, random_start=True, restarts=1, abort_early=0.0)
    cell = run(network, segments, labels, "pgd", 0.002, options=options)
    attack = SurvivorPGD(
        CompiledClassifier(network), epsilon=0.002, step=0.001, steps=3, random_start=True, seed=42
    )
    expected = attack.generate(segments[..., None], labels)[..., 0]
    assert np.array_equal(cell.adversarial, expected)


@pytest.mark.parametrize("method", ["fgsm", "pgd"])
def test_a_larger_epsilon_fools_no_fewer_and_logits_belong_to_the_examples(
    method: str, network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    standing = []
    for epsilon in (0.0002, 0.001, 0.01):
        cell = run(network, segments, labels, method, epsilon)
        again = network.predict(cell.adversarial[..., None], verbose=0)
        assert np.abs(again - cell.adversarial_logits).max() < 1e-5
        assert np.abs(cell.adversarial - segments).max() <= epsilon + 1e-6
        standing.append(cell_scores(cell, labels)["robust_accuracy"])
    assert 15 / 19 >= standing[0] >= standing[1] >= standing[2] == 0
    assert standing[0] > standing[2]


@pytest.mark.parametrize("method", ["fgsm", "pgd"])
def test_a_cell_comes_out_the_same_again(
    method: str, network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    first, second = (run(network, segments, labels, method) for _ in range(2))
    assert np.array_equal(first.adversarial, second.adversarial)
    assert np.array_equal(first.adversarial_logits, second.adversarial_logits)


def test_the_attack_is_told_on_standard_error(
    network: Any, segments: np.ndarray, labels: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    for method in ("fgsm", "pgd"):
        run(network, segments, labels, method)
        assert f"attack {method}-0.001: 100%" in capsys.readouterr().err


def error_of(network: Any, segments: np.ndarray, labels: np.ndarray, method: str) -> str:
    with pytest.raises(UserError) as caught:
        run(network, segments, labels, method, options=OPTIONS["pgd"])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_unknown_method_is_told_the_known_ones(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    message = error_of(network, segments, labels, "deepfool")
    assert "'deepfool' does not exist: choose fgsm, pgd, pgd-margin, apgd, noise, square" in message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -0.01, 1.01])
@pytest.mark.parametrize("method", ["fgsm", "pgd"])
def test_segments_out_of_range_are_told(
    method: str, value: float, network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    spoilt = segments.copy()
    spoilt[4, 5, 6] = value
    assert error_of(network, spoilt, labels, method).startswith("test segments: values that are")


@pytest.mark.parametrize("method", ["fgsm", "pgd"])
def test_gradients_that_lead_nowhere_are_told_as_their_share(
    method: str, network: Any, segments: np.ndarray
) -> None:
    # Logits times zero: always wrong or always right, and without any gradient.
    hollow = keras.Model(network.inputs, network.output * 0.0)
    truth = np.zeros(19, dtype=np.int64)
    assert run(hollow, segments, truth, method).zero_gradient_fraction == 1
    labels = network.predict(segments[..., None], verbose=0).argmax(axis=1)
    assert run(network, segments, labels, method).zero_gradient_fraction == 0


def test_a_sample_is_drawn_evenly_and_keeps_its_rows(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    cell = run(network, segments, labels, "square", 0.05)
    assert len(cell.rows) == len(cell.adversarial) == 7
    assert list(cell.rows) == sorted(set(cell.rows))
    assert set(cell.example_rows) <= set(cell.rows)
    # Right or wrong when clean: the sample stands for all test segments.
    tracks = split_of(segments, labels).tracks
    assert cell.rows.tolist() == draw_sample(labels, tracks, 7, 42).tolist()
    arrays = cell_arrays(cell, split_of(segments, labels))
    assert arrays["row"].tolist() == cell.rows.tolist()
    assert np.array_equal(arrays["label"], labels[cell.rows])
    change = np.abs(arrays["examples"] - segments[arrays["example_rows"]]).max(axis=(1, 2))
    assert change == pytest.approx(arrays["example_linf"], abs=1e-6)
    by_hand = np.mean(arrays["adversarial_prediction"] == arrays["label"])
    scores = cell_scores(cell, labels)
    assert scores["robust_accuracy"] == pytest.approx(by_hand)


def test_answers_that_were_kept_spare_a_pass_and_are_held_against_the_model(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    def attacked(logits: np.ndarray | None) -> Cell:
        return run_cell(
            network,
            split_of(segments, labels),
            method="noise",
            epsilon=0.01,
            options=OPTIONS["noise"],
            examples=9,
            seed=42,
            clean_logits=logits,
        )

    asked = attacked(None)
    kept = attacked(asked.clean_logits)
    assert np.array_equal(kept.adversarial, asked.adversarial)
    assert np.array_equal(kept.clean_logits, asked.clean_logits)
    with pytest.raises(UserError, match="otherwise than when it was tested"):
        attacked(asked.clean_logits[::-1])


@pytest.mark.parametrize("method", ["fgsm", "pgd", "noise"])
def test_examples_are_at_full_strength_and_the_saved_model_is_asked_about_them(
    method: str, network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    cell = run(network, segments, labels, method, 0.002)
    change = np.abs(cell.examples - segments[cell.example_rows]).max(axis=(1, 2))
    assert change == pytest.approx(0.002, rel=1e-3)
    logits = network.predict(cell.examples[..., None], verbose=0)
    assert np.abs(cell.example_logits - logits).max() < 1e-5
    assert np.abs(cell.example_gradient_logits - logits).max() < 1e-3
    steps = {"pgd": 7}.get(method, 0)
    assert cell.example_losses.shape == (9, steps) or not (cell.example_losses.size or steps)


def test_a_sample_votes_over_the_segments_it_has(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    cell = run(network, segments, labels, "square", 0.05)
    tracks = np.asarray(split_of(segments, labels).tracks)[cell.rows]
    assert cell.songs.tolist() == sorted(set(tracks))
    for song, vote, truth in zip(cell.songs, cell.song_predictions, cell.song_labels, strict=True):
        logits = cell.adversarial_logits[tracks == song].astype(np.float64)
        shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        assert vote == shares.mean(axis=0).argmax()
        assert set(labels[cell.rows][tracks == song]) == {truth}


def cell_of(clean: list[int], adversarial: list[int], change: np.ndarray) -> Cell:
    logits = 5 * np.eye(3, dtype=np.float32)
    examples = np.array([2, 0][: len(clean)])
    return Cell(
        rows=np.arange(len(clean)),
        adversarial=change,
        clean_logits=logits[clean],
        adversarial_logits=logits[adversarial],
        songs=np.array(["a", "b", "c"]),
        song_labels=np.array([0, 0, 1]),
        song_clean_predictions=np.array([0, 0, 1]),
        song_predictions=np.array([0, 1, 1]),
        example_rows=examples,
        examples=change[examples] + 0.125,
        example_logits=logits[[1, 1]],
        example_gradient_logits=logits[[1, 2]],
        example_losses=np.zeros((2, 4), np.float32),
        zero_gradient_fraction=0.25,
        precision="float32",
    )


def test_scores_are_counted_by_hand() -> None:
    cell = cell_of([0, 0, 1, 2, 1], [0, 1, 2, 1, 1], np.zeros((5, 2, 2)))
    assert cell_scores(cell, np.array([0, 0, 1, 1, 1])) == {
        "robust_accuracy": pytest.approx(3 / 5),
        "song_robust_accuracy": pytest.approx(2 / 3),
        "attack_success_rate": pytest.approx(2 / 4),
    }
    wrong = cell_of([1, 1, 1], [1, 1, 1], np.zeros((3, 2, 2)))
    assert cell_scores(wrong, np.array([0, 0, 0]))["attack_success_rate"] == 0


def test_a_cells_arrays_say_what_changed() -> None:
    clean = np.full((4, 128, 130), 0.5, dtype=np.float32)
    adversarial = clean.copy()
    adversarial[1, 3, 4] += 0.25
    adversarial[2, :2, 0] -= 0.125
    labels = np.array([0, 0, 1, 1])
    cell = cell_of([0, 0, 1, 2], [0, 1, 2, 1], adversarial)
    arrays = cell_arrays(cell, Split(clean, split_of(clean, labels).index, list("abc")))
    measured = ("linf", "l2", "lowest", "highest")
    assert set(arrays) == {
        *("row", "label", "clean_prediction", "adversarial_prediction"),
        *("clean_logits", "adversarial_logits"),
        *("song", "song_label", "song_clean_prediction", "song_adversarial_prediction"),
        *("example_rows", "examples", "example_logits", "example_gradient_logits"),
        *("example_losses", "first_wrong", "zero_gradient_fraction", "precision", "processor"),
        *measured,
        *(f"example_{name}" for name in measured),
    }
    assert arrays["row"].tolist() == [0, 1, 2, 3]
    assert arrays["label"].tolist() == [0, 0, 1, 1]
    assert arrays["clean_prediction"].tolist() == [0, 0, 1, 2]
    assert arrays["adversarial_prediction"].tolist() == [0, 1, 2, 1]
    assert arrays["linf"] == pytest.approx([0, 0.25, 0.125, 0])
    assert arrays["l2"] == pytest.approx([0, 0.25, 0.125 * np.sqrt(2), 0])
    assert arrays["zero_gradient_fraction"] == 0.25
    assert arrays["song_adversarial_prediction"].tolist() == [0, 1, 1]
    assert arrays["example_rows"].tolist() == [2, 0]
    assert np.array_equal(arrays["examples"], adversarial[[2, 0]] + 0.125)
    assert np.array_equal(arrays["first_wrong"], adversarial[[2, 0]])
    assert arrays["example_linf"] == pytest.approx([0.125, 0.125])


def test_every_attack_draws_the_same_examples_and_the_seed_others(
    network: Any, segments: np.ndarray, labels: np.ndarray
) -> None:
    found = []
    for method, epsilon in (("fgsm", 0.001), ("pgd", 0.001), ("pgd", 0.1)):
        cell = run(network, segments, labels, method, epsilon)
        found.append(cell.example_rows.tolist())
    assert found[0] == found[1] == found[2]
    tracks, predicted = split_of(segments, labels).tracks, cell.clean_logits.argmax(axis=1)
    assert found[0] == draw_examples(labels, predicted, tracks, 9, 42).tolist()
    others = draw_examples(labels, labels, tracks, 9, 43).tolist()
    assert others != draw_examples(labels, labels, tracks, 9, 42).tolist()
