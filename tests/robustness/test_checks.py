from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from detune.robustness import checks
from detune.robustness.checks import Check

LOGITS = np.array([[4.0, -2.0, 1.0], [-1.0, 3.0, 0.5]])
SOFTMAX = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)

# A check, how it passes, and how it fails.
CASES: dict[str, tuple[Callable[[], Check], Callable[[], Check]]] = {
    "a change within epsilon": (
        lambda: checks.within_epsilon(np.array([0.1, 0.2]), np.array([0.1, 0.2])),
        lambda: checks.within_epsilon(np.array([0.1, 0.21]), np.array([0.1, 0.2])),
    ),
    "a change that is a number": (
        lambda: checks.within_epsilon(np.zeros(2), np.zeros(2)),
        lambda: checks.within_epsilon(np.array([0.1, np.nan]), np.array([0.1, 0.2])),
    ),
    "values in the range": (
        lambda: checks.within_range(np.array([0.0, 0.5]), np.array([1.0, 0.9])),
        lambda: checks.within_range(np.array([0.0, 0.5]), np.array([1.0, 1.001])),
    ),
    "values not below the range": (
        lambda: checks.within_range(np.array([]), np.array([])),
        lambda: checks.within_range(np.array([-0.001]), np.array([0.5])),
    ),
    "outputs are numbers": (
        lambda: checks.outputs_are_numbers(LOGITS),
        lambda: checks.outputs_are_numbers(np.array([[1.0, np.nan, 2.0]])),
    ),
    "epsilon 0 changes nothing": (
        lambda: checks.zero_epsilon(np.array([1, 2]), np.array([1, 2])),
        lambda: checks.zero_epsilon(np.array([1, 2]), np.array([1, 0])),
    ),
    "a model that knows something": (
        lambda: checks.better_than_chance(0.29, 0.1),
        lambda: checks.better_than_chance(0.27, 0.1),
    ),
    "accuracy falls": (
        lambda: checks.falls_with_epsilon([{0.1: 0.2, 0.01: 0.5}, {0.01: 0.4}]),
        lambda: checks.falls_with_epsilon([{0.1: 0.2, 0.01: 0.5}, {0.1: 0.5, 0.01: 0.4}]),
    ),
    "PGD beats FGSM": (
        lambda: checks.pgd_beats_fgsm({0.1: 0.2, 0.2: 0.1}, {0.1: 0.2, 0.3: 0.0}),
        lambda: checks.pgd_beats_fgsm({0.1: 0.2, 0.2: 0.1}, {0.1: 0.15}),
    ),
    "without a limit nothing remains correct": (
        lambda: checks.falls_to_chance(0.1, 0.1),
        lambda: checks.falls_to_chance(0.2, 0.1),
    ),
    "steps suffice": (
        lambda: checks.steps_suffice(0.5, 0.46),
        lambda: checks.steps_suffice(0.5, 0.44),
    ),
    "gradients lead somewhere": (
        lambda: checks.gradients_lead_somewhere(0.01),
        lambda: checks.gradients_lead_somewhere(0.02),
    ),
    "logits": (
        lambda: checks.outputs_are_logits(LOGITS),
        lambda: checks.outputs_are_logits(SOFTMAX),
    ),
    "passes agree": (
        lambda: checks.passes_agree(LOGITS, LOGITS + 1e-4),
        lambda: checks.passes_agree(LOGITS, LOGITS + 1e-1),
    ),
    "losses agree": (
        lambda: checks.losses_agree(0.5, 0.6, union=False),
        lambda: checks.losses_agree(0.5, 0.4, union=False),
    ),
    "the black box is no stronger": (
        lambda: checks.black_box_no_stronger(0.5, 0.9),
        lambda: checks.black_box_no_stronger(0.5, 0.4),
    ),
    "noise is weaker": (
        lambda: checks.noise_is_weaker(0.5, 0.9),
        lambda: checks.noise_is_weaker(1.0, 1.0),
    ),
    "controls are telling": (
        lambda: checks.controls_are_informative(0.2),
        lambda: checks.controls_are_informative(1.0),
    ),
    "the loss rises": (
        lambda: checks.loss_rises(np.array([0.0, 1.0, 2.0, 1.99])),
        lambda: checks.loss_rises(np.array([0.0, 1.0, 0.5, 2.0])),
    ),
    "the loss rises at all": (
        lambda: checks.loss_rises(np.array([0.0, 0.1])),
        lambda: checks.loss_rises(np.array([1.0, 1.0, 1.0])),
    ),
    "precision costs little": (
        lambda: checks.precision_costs_little(0.5, 0.46),
        lambda: checks.precision_costs_little(0.5, 0.4),
    ),
    "stopping early costs nothing": (
        lambda: checks.stopping_early_costs_nothing(0.5, 0.5),
        lambda: checks.stopping_early_costs_nothing(0.5, 0.4),
    ),
    "the optimisation is complete": (
        lambda: checks.optimisation_is_complete(np.array([0, 5, 8, 8.1, 8.2])),
        lambda: checks.optimisation_is_complete(np.array([0, 2, 4, 6, 8.0])),
    ),
    "the optimisation began": (
        lambda: checks.optimisation_is_complete(np.array([0, 1, 1.0])),
        lambda: checks.optimisation_is_complete(np.array([1.0, 1.0, 1.0])),
    ),
    "the loss is smooth": (
        lambda: checks.loss_is_smooth(np.array([1.0, 2.0]), np.array([[1.1, 0.9], [2.1, 2.1]])),
        lambda: checks.loss_is_smooth(np.array([1.0, 2.0]), np.array([[1.3, 0.9], [2.1, 2.3]])),
    ),
    "the loss is a number nearby": (
        lambda: checks.loss_is_smooth(np.array([1.0]), np.array([[1.0]])),
        lambda: checks.loss_is_smooth(np.array([1.0]), np.array([[np.nan]])),
    ),
    "examples fill the ball": (
        lambda: checks.examples_fill_the_ball(np.full(20, 0.096), np.full(20, 0.1)),
        lambda: checks.examples_fill_the_ball(
            np.where(np.arange(20) < 2, 0.01, 0.1), np.full(20, 0.1)
        ),
    ),
    "examples match the table": (
        lambda: checks.examples_match_the_table(0),
        lambda: checks.examples_match_the_table(1),
    ),
    "attacks transfer": (
        lambda: checks.attacks_transfer(np.ones(9, bool), np.ones(9, bool)),
        lambda: checks.attacks_transfer(np.ones(9, bool), np.arange(9) > 0),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_check_passes_within_its_bound_and_fails_beyond(name: str) -> None:
    good, bad = (case() for case in CASES[name])
    assert good.passed
    assert not bad.passed
    assert good.bound == bad.bound
    assert isinstance(good.passed, bool)
    assert good.figure <= good.bound


def test_what_is_not_a_number_passes_no_check() -> None:
    assert not checks.at_most(float("nan"), 1.0).passed
    assert not checks.at_most(float("inf"), 1.0).passed
    assert not checks.loss_rises(np.array([0.0, np.nan])).passed


def test_the_bound_is_the_callers() -> None:
    assert checks.steps_suffice(0.5, 0.4, tolerance=0.2).passed
    assert not checks.pgd_beats_fgsm({0.1: 0.2}, {0.1: 0.2}, tolerance=-0.1).passed


def test_a_union_that_is_reported_forgives_a_difference() -> None:
    assert checks.losses_agree(0.5, 0.1, union=True).passed


def test_a_segment_more_is_always_allowed_and_rounding_does_not_count() -> None:
    assert checks.allowance(150, 0.01) == 0.01
    assert checks.allowance(20, 0.01) == 1 / 20
    for count in range(100):
        curve = {0.1: count / 100, 0.2: (count + 1) / 100}
        assert checks.falls_with_epsilon([curve], tolerance=checks.allowance(100, 0.01)).passed


def test_segments_that_fool_no_one_say_nothing_of_transfer() -> None:
    assert checks.attacks_transfer(np.zeros(3, bool), np.zeros(3, bool)).figure == 0
    assert checks.attacks_transfer(np.zeros(3, bool), np.ones(3, bool)).figure == 0


def test_each_point_of_a_rough_loss_counts_as_one_at_most() -> None:
    assert checks.loss_is_smooth(np.array([1e-12, 1.0]), np.array([[9.0], [1.0]])).figure == 0.5
