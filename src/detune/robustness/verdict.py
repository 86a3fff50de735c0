"""From what was measured to a verdict; as a program, `make verdict` tells it and exits."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detune.robustness import checks
from detune.robustness.breakdown import SEGMENTS, SONGS, WORST, Cells, complete_cells, robust_masks
from detune.robustness.checks import Check
from detune.statistics.scores import accuracy
from detune.support.metrics_file import read_metrics

COMPARED = ("trustworthy", "checks.*.passed")
"""What of `metrics/waveform_checks.json` is no detail."""

ITERATIVE = ("pgd", "pgd-margin")
GRADIENT = ("fgsm", *ITERATIVE, "apgd")
FILLING = ("fgsm", *ITERATIVE, "noise")
"""Methods that use all of the ball."""


def collect(
    cells: Cells, mismatches: int, controls: Mapping[str, Any], genres: int
) -> dict[str, Check]:
    """Carry out every check.

    Args:
        cells: the arrays of the grid's cells, FGSM and PGD at one epsilon or more.
        mismatches: how many examples do not match the file of their cell, as `count_mismatches`
            gives it.
        controls: what `Controls` measured, as read from its file.
        genres: how many genres there are.
    """
    segments = max(len(arrays["row"]) for arrays in cells.values())
    complete = complete_cells(cells, segments)
    union = "pgd-margin" in {method for method, _ in complete}
    return (
        _of_the_values(cells)
        | _of_the_examples(cells, mismatches)
        | _of_the_grid(complete, 1 / genres)
        | _of_the_model(controls)
        | _of_the_controls(controls, 1 / genres, union=union)
    )


def content(results: Mapping[str, Check]) -> dict[str, Any]:
    """What `metrics/checks.json` holds."""
    return {
        "trustworthy": all(check.passed for check in results.values()),
        "checks": {name: vars(check) for name, check in results.items()},
    }


def line(results: Mapping[str, Check]) -> str:
    """One line: trustworthy, or not and why."""
    failed = [
        f"{name} is {check.figure:.3g}, at most {check.bound:.3g} is allowed"
        for name, check in results.items()
        if not check.passed
    ]
    if failed:
        return f"not trustworthy: {'; '.join(failed)}"
    return f"trustworthy: {len(results)} checks passed"


def _of_the_values(cells: Cells) -> dict[str, Check]:
    """Checks of every number in the cells."""

    def joined(name: str) -> np.ndarray:
        kinds = [name, f"example_{name}"]
        return np.concatenate([arrays[kind] for kind in kinds for arrays in cells.values()])

    epsilons = [
        np.full(len(arrays[rows]), epsilon)
        for rows in ("row", "example_rows")
        for (_, epsilon), arrays in cells.items()
    ]
    zeros = [
        float(arrays["zero_gradient_fraction"])
        for (method, _), arrays in cells.items()
        if method in GRADIENT
    ]
    clean = next(iter(cells.values()))["clean_logits"]
    adversarial = [
        arrays[kind]
        for kind in ("adversarial_logits", "example_logits")
        for arrays in cells.values()
    ]
    return {
        "within_epsilon": checks.within_epsilon(joined("linf"), np.concatenate(epsilons)),
        "within_range": checks.within_range(joined("lowest"), joined("highest")),
        "outputs_are_numbers": checks.outputs_are_numbers(np.concatenate(adversarial)),
        "outputs_are_logits": checks.outputs_are_logits(clean),
        "gradients_lead_somewhere": checks.gradients_lead_somewhere(max(zeros)),
    }


def _of_the_examples(cells: Cells, mismatches: int) -> dict[str, Check]:
    """Checks of what pictures, heatmaps and their numbers are made from."""
    linf, epsilons, by_gradient_model, by_saved_model = [], [], [], []
    rises: list[Check] = []
    ends: list[Check] = []
    for (method, epsilon), arrays in cells.items():
        labels = arrays["label"][np.searchsorted(arrays["row"], arrays["example_rows"])]
        if method in FILLING:
            linf.append(arrays["example_linf"])
            epsilons.append(np.full(len(linf[-1]), epsilon))
        by_gradient_model.append(arrays["example_gradient_logits"].argmax(axis=1) != labels)
        by_saved_model.append(arrays["example_logits"].argmax(axis=1) != labels)
        if method in ITERATIVE:
            losses = arrays["example_losses"].mean(axis=0, dtype=np.float64)
            rises.append(checks.loss_rises(losses))
            ends.append(checks.optimisation_is_complete(losses))
    return {
        "examples_fill_the_ball": checks.examples_fill_the_ball(
            np.concatenate(linf), np.concatenate(epsilons)
        ),
        "examples_match_the_table": checks.examples_match_the_table(mismatches),
        "attacks_transfer": checks.attacks_transfer(
            np.concatenate(by_gradient_model), np.concatenate(by_saved_model)
        ),
        "loss_rises": checks.worst(rises),
        "optimisation_is_complete": checks.worst(ends),
    }


def _of_the_grid(complete: Cells, chance: float) -> dict[str, Check]:
    """Checks of robust accuracy over the grid, on all test segments and all songs."""
    clean = next(iter(complete.values()))
    right = accuracy(clean["clean_prediction"], clean["label"])
    one, one_song = (
        checks.allowance(len(clean[f"{unit}label"]), 0.01) for unit in (SEGMENTS, SONGS)
    )
    segments, songs = _curves(complete, SEGMENTS), _curves(complete, SONGS)
    return {
        "better_than_chance": checks.better_than_chance(right, chance),
        "falls_with_epsilon": checks.falls_with_epsilon(_iterative(segments), tolerance=one),
        "pgd_beats_fgsm": checks.pgd_beats_fgsm(segments["pgd"], segments["fgsm"], tolerance=one),
        "songs_fall_with_epsilon": checks.songs_fall_with_epsilon(
            _iterative(songs), tolerance=one_song
        ),
        "pgd_beats_fgsm_on_songs": checks.pgd_beats_fgsm_on_songs(songs["pgd"], songs["fgsm"]),
    }


def _curves(complete: Cells, unit: str) -> dict[str, checks.Curve]:
    """The share of segments, or songs, that remains correct, by method and epsilon."""
    return {
        method: {epsilon: float(mask.mean()) for epsilon, mask in masks.items()}
        for method in (*GRADIENT, WORST)
        if (masks := robust_masks(complete, method, unit))
    }


def _iterative(curves: Mapping[str, checks.Curve]) -> list[checks.Curve]:
    """The curves of methods that a larger epsilon must not weaken."""
    return [curves[method] for method in (*ITERATIVE, WORST) if method in curves]


def _of_the_model(controls: Mapping[str, Any]) -> dict[str, Check]:
    """Checks of what the model says of the sample again, and around PGD's path."""
    first, second = (np.asarray(logits, dtype=float) for logits in controls["logits"])
    attacked = np.asarray(controls["zero_epsilon"])
    losses, nearby = (np.asarray(controls[key], dtype=float) for key in ("losses", "losses_nearby"))
    return {
        "zero_epsilon": checks.zero_epsilon(first.argmax(axis=1), attacked),
        "passes_agree": checks.passes_agree(first, second),
        "loss_is_smooth": checks.loss_is_smooth(losses, nearby),
    }


def _of_the_controls(
    controls: Mapping[str, Any], chance: float, *, union: bool
) -> dict[str, Check]:
    """Checks that compare attacks on the sample."""
    pgd, thorough = controls["pgd"], controls["pgd_all_steps"]
    few = checks.allowance(controls["segments"], 0.05)
    one = checks.allowance(controls["segments"], 0.01)
    return {
        "controls_are_informative": checks.controls_are_informative(pgd),
        "falls_to_chance": checks.falls_to_chance(controls["pgd_no_limit"], chance),
        "steps_suffice": checks.steps_suffice(
            thorough, controls["pgd_double_steps"], tolerance=few
        ),
        "stopping_early_costs_nothing": checks.stopping_early_costs_nothing(
            pgd, thorough, tolerance=one
        ),
        "precision_costs_little": checks.precision_costs_little(
            pgd, controls["pgd_float32"], tolerance=few
        ),
        "losses_agree": checks.losses_agree(
            pgd, controls["pgd_margin"], union=union, tolerance=few
        ),
        "black_box_no_stronger": checks.black_box_no_stronger(
            pgd, controls["square"], tolerance=few
        ),
        "noise_is_weaker": checks.noise_is_weaker(pgd, controls["noise"]),
    }


def main(path: Path) -> None:
    """Tell the verdict in the file at `path`; exit with 1 where it is not *trustworthy*."""
    if not path.is_file():
        sys.exit(f"verdict: error: {path}: no verdict there: run `make repro` to get one")
    written = read_metrics(path)
    summary = line({name: _read(check) for name, check in written["checks"].items()})
    if not written["trustworthy"]:
        sys.exit(f"verdict: {summary}")
    print(f"verdict: {summary}")


def _read(check: Mapping[str, Any]) -> Check:
    """A check from its file; JSON has no word for what is not a number, and says null."""
    figure = np.nan if check["figure"] is None else check["figure"]
    return Check(check["passed"], figure, check["bound"])


def parse(arguments: Sequence[str], program: str, description: str) -> Path:
    """The file that the command line of `program` names."""
    parser = argparse.ArgumentParser(prog=program, description=description)
    parser.add_argument(
        "path", nargs="?", type=Path, default=Path("metrics/checks.json"), metavar="CHECKS.json"
    )
    return Path(parser.parse_args(arguments).path)


if __name__ == "__main__":
    description = "Say whether the robust accuracies can be believed; exit with 1 if not."
    main(parse(sys.argv[1:], f"python -m {__spec__.name}", description))
