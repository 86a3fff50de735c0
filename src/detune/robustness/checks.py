"""The verdict: checks on whether a table of robust accuracies can be believed.

Robustness is easily imagined: gradients that vanish, too few steps or a model that is not the
same twice look like it (Carlini et al. 2019, "On Evaluating Adversarial Robustness"; Athalye et
al. 2018). Each check takes what was measured, and tells a figure and the bound it must keep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Curve = Mapping[float, float]
"""Robust accuracy by epsilon."""


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        passed: whether the figure keeps the bound.
        figure: what was measured.
        bound: what it may be at most.
    """

    passed: bool
    figure: float
    bound: float


ROUNDING = 1e-6
"""Shares are kept to six digits in files."""


def at_most(figure: float, bound: float) -> Check:
    """Pass where `figure` is a number and at most `bound`, but for rounding."""
    return Check(bool(np.isfinite(figure) and figure <= bound + ROUNDING), float(figure), bound)


def worst(results: Sequence[Check]) -> Check:
    """Of the same check on several cells, the one with the largest figure."""
    return max(results, key=lambda check: (not check.passed, check.figure))


def allowance(segments: int, tolerance: float) -> float:
    """`tolerance` as a share of `segments`, but never less than one of them."""
    return max(tolerance, 1 / segments)


def within_epsilon(linf: np.ndarray, epsilons: np.ndarray, *, tolerance: float = 1e-6) -> Check:
    """By how much a perturbation exceeds its epsilon.

    Fails when an attack oversteps, or leaves values that are not numbers: it then is stronger
    than its label says.

    Args:
        linf: largest change of each segment `(n,)`.
        epsilons: what was allowed `(n,)`.
        tolerance: for rounding.
    """
    return at_most(float(np.max(linf - epsilons, initial=-np.inf)), tolerance)


def within_range(lowest: np.ndarray, highest: np.ndarray, *, tolerance: float = 0.0) -> Check:
    """By how much adversarial values leave [0, 1].

    Fails when an attack makes spectrograms that no audio has.

    Args:
        lowest: smallest value of each segment `(n,)`.
        highest: largest value of each segment `(n,)`.
        tolerance: for rounding.
    """
    outside = np.maximum(-lowest, highest - 1.0)
    return at_most(float(np.max(np.maximum(outside, 0.0), initial=0.0)), tolerance)


def outputs_are_numbers(logits: np.ndarray, *, tolerance: float = 0.0) -> Check:
    """Share of the outputs `(n, genres)` that are not finite.

    Fails for a model that overflows: what it says under attack is no answer.
    """
    return at_most(float(np.mean(~np.isfinite(logits))), tolerance)


def zero_epsilon(clean: np.ndarray, attacked: np.ndarray) -> Check:
    """Share of predictions `(n,)` that an attack of epsilon 0 changes.

    Fails when clean and attacked segments are processed differently.
    """
    return at_most(float(np.mean(clean != attacked)), 0.0)


def better_than_chance(accuracy: float, chance: float, *, tolerance: float = 0.8) -> Check:
    """Clean error as a share of the error of guessing.

    Fails where the model knows nothing, as when labels are mixed up: there is no accuracy to
    lose.
    """
    return at_most((1 - accuracy) / (1 - chance), tolerance)


def falls_with_epsilon(curves: Sequence[Curve], *, tolerance: float = 0.01) -> Check:
    """The largest rise of robust accuracy from one epsilon to the next.

    Fails when a larger ball holds fewer adversarial segments than a smaller one inside it: the
    attack loses its way. For iterative attacks and the worst case; a single step of FGSM may
    overshoot.
    """
    rises = [0.0]
    for curve in curves:
        values = [curve[epsilon] for epsilon in sorted(curve)]
        rises += list(np.diff(values))
    return at_most(max(rises), tolerance)


def pgd_beats_fgsm(pgd: Curve, fgsm: Curve, *, tolerance: float = 0.01) -> Check:
    """By how much PGD leaves more segments, or songs, correct than FGSM at the same epsilon.

    Fails when many small steps achieve less than a large one: too few steps, gradients that
    mislead, or an attack that stops before it is as strong as its name.

    Args:
        pgd: share that remains correct under PGD, by epsilon.
        fgsm: the same under FGSM.
        tolerance: difference allowed.
    """
    leads = [pgd[epsilon] - fgsm[epsilon] for epsilon in pgd.keys() & fgsm.keys()]
    return at_most(max(leads, default=0.0), tolerance)


def songs_fall_with_epsilon(curves: Sequence[Curve], *, tolerance: float) -> Check:
    """The largest rise of the share of songs that remain correct from one epsilon to the next.

    Fails when a larger epsilon fools fewer songs: the attack on the vote loses its way.

    Args:
        curves: shares of songs by epsilon, of iterative attacks and the worst case.
        tolerance: rise allowed.
    """
    return falls_with_epsilon(curves, tolerance=tolerance)


def pgd_beats_fgsm_on_songs(pgd: Curve, fgsm: Curve) -> Check:
    """By how much PGD leaves more songs correct than FGSM at the same epsilon.

    Fails as soon as PGD leaves one song more than FGSM: it then stops before it is as strong as
    its name, or has too few steps.

    Args:
        pgd: share of songs that remains correct under PGD, by epsilon.
        fgsm: the same under FGSM.
    """
    return pgd_beats_fgsm(pgd, fgsm, tolerance=0.0)


def examples_fill_the_ball(
    linf: np.ndarray, epsilons: np.ndarray, *, tolerance: float = 0.05
) -> Check:
    """Share of the examples whose L-infinity norm is below 95 % of their epsilon.

    Fails when examples are attacked with less than their label says, as when an attack stops at
    its first success: what pictures and heatmaps then show is a weaker attack. For attacks that
    gain from every bit of the ball.

    Args:
        linf: largest change of each example `(k,)`.
        epsilons: what was allowed `(k,)`.
        tolerance: share allowed.
    """
    return at_most(float(np.mean(linf < 0.95 * epsilons)) if len(linf) else 0.0, tolerance)


def examples_match_the_table(mismatches: int, *, tolerance: int = 0) -> Check:
    """How many examples are not what their cell's file says of them.

    Fails when later stages look at something else than the attack that the table names: other
    rows than in the other cells, another size, or another prediction of the model as saved.

    Args:
        mismatches: examples whose row, size or prediction differs.
        tolerance: how many are allowed.
    """
    return at_most(mismatches, tolerance)


def attacks_transfer(
    by_gradient_model: np.ndarray, by_saved_model: np.ndarray, *, tolerance: float = 0.05
) -> Check:
    """Share of the examples that fool the model gradients are taken of, but not the saved one.

    Fails when the two are not the same function: the attack then fights another model than the
    one that is judged ("transfer failure", Pintor et al. 2022).

    Args:
        by_gradient_model: whether each example fools it `(k,)` bool.
        by_saved_model: the same of the model as saved.
        tolerance: share allowed.
    """
    fooled = by_gradient_model.sum()
    lost = (by_gradient_model & ~by_saved_model).sum()
    return at_most(float(lost / max(1, fooled)), tolerance)


def falls_to_chance(accuracy: float, chance: float, *, tolerance: float = 0.0) -> Check:
    """Robust accuracy against a perturbation without real limit, over chance.

    Fails when an attack that may change everything does not succeed: it is broken, or blocked.
    """
    return at_most(accuracy - chance, tolerance)


def steps_suffice(once: float, twice: float, *, tolerance: float = 0.05) -> Check:
    """Robust accuracy that twice the steps take off.

    Fails when the attack had not arrived: its robust accuracy is too high.
    """
    return at_most(once - twice, tolerance)


def gradients_lead_somewhere(zero_fraction: float, *, tolerance: float = 0.01) -> Check:
    """Share of gradients that are all zero or not finite.

    Fails when the loss saturates or a layer has no gradient: attacks that follow it stand still.
    """
    return at_most(zero_fraction, tolerance)


def outputs_are_logits(logits: np.ndarray, *, tolerance: float = 0.5) -> Check:
    """Share of the outputs `(n, genres)` that are probabilities: not negative, summing to 1.

    Fails for a model that ends in a softmax: cross-entropy applies a second one, so gradients
    vanish.
    """
    positive = (logits >= 0).all(axis=1)
    sums = np.abs(logits.sum(axis=1) - 1) < 1e-3
    return at_most(float(np.mean(positive & sums)), tolerance)


def passes_agree(first: np.ndarray, second: np.ndarray, *, tolerance: float = 1e-3) -> Check:
    """Largest difference between the logits `(n, genres)` of two passes over the same segments.

    Fails when dropout or batch statistics are live: gradients point at a model that is gone.
    Relative to the spread of the logits.
    """
    spread = max(float(np.std(first)), 1e-9)
    return at_most(float(np.abs(first - second).max()) / spread, tolerance)


def losses_agree(
    cross_entropy: float, margin: float, *, union: bool, tolerance: float = 0.05
) -> Check:
    """Robust accuracy under PGD on cross-entropy over that on a margin.

    Fails when the model hides behind saturated probabilities, which stop the gradient of
    cross-entropy but not that of a margin. Then add pgd-margin to `attack.methods`: the worst
    case reports the union of both.

    Args:
        cross_entropy: robust accuracy on the one.
        margin: robust accuracy on the other.
        union: whether the grid has both, so that any difference is reported.
        tolerance: difference allowed where it has not.
    """
    return at_most(cross_entropy - margin, 1.0 if union else tolerance)


def black_box_no_stronger(white: float, black: float, *, tolerance: float = 0.05) -> Check:
    """Robust accuracy under PGD over that under the Square attack on the same segments.

    Fails when an attack without gradients wins: gradients are masked.
    """
    return at_most(white - black, tolerance)


def noise_is_weaker(attack: float, noise: float, *, tolerance: float = -0.05) -> Check:
    """Robust accuracy under PGD over that under random signs of the same size.

    Fails when noise does nearly as much: what fools the model then is the size of the change, not
    its direction.
    """
    return at_most(attack - noise, tolerance)


def controls_are_informative(robust: float, *, tolerance: float = 0.4) -> Check:
    """How far from half is the share of the sample that PGD leaves correct.

    Fails when no epsilon was found that leaves some and takes some: attacks then cannot differ,
    and the checks that compare them say nothing.
    """
    return at_most(abs(robust - 0.5), tolerance)


def loss_rises(losses: np.ndarray, *, tolerance: float = 0.02) -> Check:
    """Largest fall of the mean loss from a PGD step to the next, as a share of the whole rise.

    Fails when steps do not climb: they are too large, or the gradient is not the loss's.

    Args:
        losses: mean loss of the examples before each step and after the last `(steps + 1,)`.
        tolerance: share of the rise.
    """
    rise = float(losses[-1] - losses[0])
    if not rise > 0:
        return Check(False, 1.0, tolerance)
    return at_most(float(np.max(-np.diff(losses), initial=0.0)) / rise, tolerance)


def optimisation_is_complete(losses: np.ndarray, *, tolerance: float = 0.1) -> Check:
    """Rise of the mean loss in the last quarter of the steps, as a share of the whole rise.

    Fails when the loss still rises as the steps end: more of them would make a stronger attack
    ("incomplete optimisation", Pintor et al. 2022). Raise `attack.pgd.steps`.

    Args:
        losses: mean loss of the examples before each step and after the last `(steps + 1,)`.
        tolerance: share of the rise.
    """
    steps = len(losses) - 1
    rise, last = losses[-1] - losses[0], losses[-1] - losses[steps - max(1, steps // 4)]
    return at_most(float(last / rise) if rise > 0 else 1.0, tolerance)


def loss_is_smooth(losses: np.ndarray, nearby: np.ndarray, *, tolerance: float = 0.1) -> Check:
    """Mean relative change of the loss at random points close to the attack's path.

    Fails when the loss is rough: its gradient at a point says little of its surroundings
    ("unstable predictions", Pintor et al. 2022).

    Args:
        losses: loss at each point of the path `(points,)`.
        nearby: at random points around each of them `(points, draws)`.
        tolerance: mean over the points; each counts as 1 at most.
    """
    change = np.abs(nearby - losses[:, None]) / np.maximum(np.abs(losses[:, None]), 1e-9)
    return at_most(float(np.minimum(np.nan_to_num(change, nan=1.0), 1.0).mean()), tolerance)


def precision_costs_little(as_set: float, in_float32: float, *, tolerance: float = 0.05) -> Check:
    """Robust accuracy that gradients in float32 would have taken off.

    Fails when bfloat16 is too coarse for this model: set `attack.precision` to float32.
    """
    return at_most(as_set - in_float32, tolerance)


def stopping_early_costs_nothing(
    with_it: float, without: float, *, tolerance: float = 0.01
) -> Check:
    """Robust accuracy that segments stopped early would have lost.

    Fails when `attack.pgd.abort_early` is too small for this model: raise it, or set it to 0.
    """
    return at_most(with_it - without, tolerance)
