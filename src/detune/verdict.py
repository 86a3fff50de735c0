"""From what was measured to a verdict; as a program, `make verdict` tells it and exits."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from detune import checks
from detune.breakdown import WORST, Cells, standing, whole
from detune.checks import Check
from detune.files import read_json

ITERATIVE = ("pgd", "pgd-margin")
GRADIENT = ("fgsm", *ITERATIVE)


def collect(cells: Cells, controls: Mapping[str, Any], genres: int) -> dict[str, Check]:
    """Carry out every check.

    Args:
        cells: the arrays of the grid's cells, FGSM and PGD at one epsilon or more.
        controls: what `Controls` measured.
        genres: how many genres there are.
    """
    return _of_the_grid(cells, 1 / genres) | _of_the_controls(controls, 1 / genres)


def content(found: Mapping[str, Check]) -> dict[str, Any]:
    """What `metrics/checks.json` holds."""
    return {
        "trustworthy": all(check.passed for check in found.values()),
        "checks": {name: vars(check) for name, check in found.items()},
    }


def line(found: Mapping[str, Check]) -> str:
    """One line: trustworthy, or not and why."""
    failed = [
        f"{name} is {check.figure:.3g}, at most {check.bound:.3g} is allowed"
        for name, check in found.items()
        if not check.passed
    ]
    if failed:
        return f"not trustworthy: {'; '.join(failed)}"
    return f"trustworthy: {len(found)} checks passed"


def _of_the_grid(cells: Cells, chance: float) -> dict[str, Check]:
    """Checks of the cells' own results."""
    clean = next(iter(cells.values()))
    complete = whole(cells, max(len(arrays["row"]) for arrays in cells.values()))
    curves = {
        method: {epsilon: float(right.mean()) for epsilon, right in rights.items()}
        for method in (*GRADIENT, WORST)
        if (rights := standing(complete, method))
    }
    allowed = [np.full(len(arrays["row"]), epsilon) for (_, epsilon), arrays in cells.items()]
    zeros = [
        float(arrays["zero_gradient_fraction"])
        for (method, _), arrays in cells.items()
        if method in GRADIENT
    ]
    accuracy = float(np.mean(clean["clean_prediction"] == clean["label"]))
    return {
        "within_epsilon": checks.within_epsilon(
            np.concatenate([arrays["linf"] for arrays in cells.values()]), np.concatenate(allowed)
        ),
        "within_range": checks.within_range(
            np.concatenate([arrays["examples"].ravel() for arrays in cells.values()])
        ),
        "better_than_chance": checks.better_than_chance(accuracy, chance),
        "falls_with_epsilon": checks.falls_with_epsilon(
            [curves[method] for method in (*ITERATIVE, WORST) if method in curves]
        ),
        "pgd_beats_fgsm": checks.pgd_beats_fgsm(curves["pgd"], curves["fgsm"]),
        "gradients_lead_somewhere": checks.gradients_lead_somewhere(max(zeros)),
        "outputs_are_logits": checks.outputs_are_logits(clean["clean_logits"]),
    }


def _of_the_controls(found: Mapping[str, Any], chance: float) -> dict[str, Check]:
    """Checks of what was measured on the sample."""
    first, second = (np.asarray(logits) for logits in found["logits"])
    return {
        "zero_epsilon": checks.zero_epsilon(
            first.argmax(axis=1), np.asarray(found["zero_epsilon"])
        ),
        "passes_agree": checks.passes_agree(first, second),
        "falls_to_chance": checks.falls_to_chance(found["pgd_no_limit"], chance),
        "steps_suffice": checks.steps_suffice(
            found["pgd_without_giving_up"], found["pgd_double_steps"]
        ),
        "giving_up_costs_nothing": checks.giving_up_costs_nothing(
            found["pgd"], found["pgd_without_giving_up"]
        ),
        "precision_costs_little": checks.precision_costs_little(found["pgd"], found["pgd_float32"]),
        "losses_agree": checks.losses_agree(found["pgd"], found["pgd_margin"]),
        "black_box_no_stronger": checks.black_box_no_stronger(found["pgd"], found["square"]),
        "noise_is_weaker": checks.noise_is_weaker(found["pgd"], found["noise"]),
        "loss_rises": checks.loss_rises(np.asarray(found["losses"])),
    }


def main(path: Path) -> None:
    """Tell the verdict in the file at `path`; exit with 1 where it is not *trustworthy*."""
    if not path.is_file():
        sys.exit(f"verdict: error: {path}: no verdict there: run `make repro` to get one")
    written = read_json(path)
    told = line({name: Check(**values) for name, values in written["checks"].items()})
    if not written["trustworthy"]:
        sys.exit(f"verdict: {told}")
    print(f"verdict: {told}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
