"""From what was measured to a verdict; as a program, `make verdict` tells it and exits."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detune.files import read_json
from detune.robustness import checks
from detune.robustness.breakdown import WORST, Cells, standing, whole
from detune.robustness.checks import Check
from detune.scores import accuracy

ITERATIVE = ("pgd", "pgd-margin")
GRADIENT = ("fgsm", *ITERATIVE)


def collect(cells: Cells, controls: Mapping[str, Any], genres: int) -> dict[str, Check]:
    """Carry out every check.

    Args:
        cells: the arrays of the grid's cells, FGSM and PGD at one epsilon or more.
        controls: what `Controls` measured, as read from its file.
        genres: how many genres there are.
    """
    segments = max(len(arrays["row"]) for arrays in cells.values())
    complete = whole(cells, segments)
    union = "pgd-margin" in {method for method, _ in complete}
    return (
        _of_the_values(cells)
        | _of_the_grid(complete, segments, 1 / genres)
        | _of_the_model(controls)
        | _of_the_controls(controls, 1 / genres, union=union)
    )


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


def _of_the_values(cells: Cells) -> dict[str, Check]:
    """Checks of every number in the cells."""

    def joined(name: str) -> np.ndarray:
        return np.concatenate([arrays[name] for arrays in cells.values()])

    epsilons = [np.full(len(arrays["row"]), epsilon) for (_, epsilon), arrays in cells.items()]
    zeros = [
        float(arrays["zero_gradient_fraction"])
        for (method, _), arrays in cells.items()
        if method in GRADIENT
    ]
    clean = next(iter(cells.values()))["clean_logits"]
    return {
        "within_epsilon": checks.within_epsilon(joined("linf"), np.concatenate(epsilons)),
        "within_range": checks.within_range(joined("lowest"), joined("highest")),
        "outputs_are_numbers": checks.outputs_are_numbers(joined("adversarial_logits")),
        "outputs_are_logits": checks.outputs_are_logits(clean),
        "gradients_lead_somewhere": checks.gradients_lead_somewhere(max(zeros)),
    }


def _of_the_grid(complete: Cells, segments: int, chance: float) -> dict[str, Check]:
    """Checks of robust accuracy over the grid, on all test segments."""
    clean = next(iter(complete.values()))
    right = accuracy(clean["clean_prediction"], clean["label"])
    curves = {
        method: {epsilon: float(right.mean()) for epsilon, right in rights.items()}
        for method in (*GRADIENT, WORST)
        if (rights := standing(complete, method))
    }
    iterative = [curves[method] for method in (*ITERATIVE, WORST) if method in curves]
    one = checks.allowance(segments, 0.01)
    return {
        "better_than_chance": checks.better_than_chance(right, chance),
        "falls_with_epsilon": checks.falls_with_epsilon(iterative, tolerance=one),
        "pgd_beats_fgsm": checks.pgd_beats_fgsm(curves["pgd"], curves["fgsm"], tolerance=one),
    }


def _of_the_model(found: Mapping[str, Any]) -> dict[str, Check]:
    """Checks of what the model says of the sample again, and along PGD's way."""
    first, second = (np.asarray(logits, dtype=float) for logits in found["logits"])
    attacked = np.asarray(found["zero_epsilon"])
    return {
        "zero_epsilon": checks.zero_epsilon(first.argmax(axis=1), attacked),
        "passes_agree": checks.passes_agree(first, second),
        "loss_rises": checks.loss_rises(np.asarray(found["losses"], dtype=float)),
    }


def _of_the_controls(found: Mapping[str, Any], chance: float, *, union: bool) -> dict[str, Check]:
    """Checks that compare attacks on the sample."""
    pgd, thorough = found["pgd"], found["pgd_without_giving_up"]
    few = checks.allowance(found["segments"], 0.05)
    one = checks.allowance(found["segments"], 0.01)
    return {
        "controls_are_telling": checks.controls_are_telling(pgd),
        "falls_to_chance": checks.falls_to_chance(found["pgd_no_limit"], chance),
        "steps_suffice": checks.steps_suffice(thorough, found["pgd_double_steps"], tolerance=few),
        "giving_up_costs_nothing": checks.giving_up_costs_nothing(pgd, thorough, tolerance=one),
        "precision_costs_little": checks.precision_costs_little(
            pgd, found["pgd_float32"], tolerance=few
        ),
        "losses_agree": checks.losses_agree(pgd, found["pgd_margin"], union=union, tolerance=few),
        "black_box_no_stronger": checks.black_box_no_stronger(pgd, found["square"], tolerance=few),
        "noise_is_weaker": checks.noise_is_weaker(pgd, found["noise"]),
    }


def main(path: Path) -> None:
    """Tell the verdict in the file at `path`; exit with 1 where it is not *trustworthy*."""
    if not path.is_file():
        sys.exit(f"verdict: error: {path}: no verdict there: run `make repro` to get one")
    written = read_json(path)
    told = line({name: _read(check) for name, check in written["checks"].items()})
    if not written["trustworthy"]:
        sys.exit(f"verdict: {told}")
    print(f"verdict: {told}")


def _read(check: Mapping[str, Any]) -> Check:
    """A check from its file; JSON has no word for what is not a number, and says null."""
    figure = np.nan if check["figure"] is None else check["figure"]
    return Check(check["passed"], figure, check["bound"])


def parse(arguments: Sequence[str], program: str) -> Path:
    """The file that the command line of `program` names."""
    parser = argparse.ArgumentParser(
        prog=program,
        description="Say whether the robust accuracies can be believed; exit with 1 if not.",
    )
    parser.add_argument(
        "path", nargs="?", type=Path, default=Path("metrics/checks.json"), metavar="CHECKS.json"
    )
    return Path(parser.parse_args(arguments).path)


if __name__ == "__main__":
    main(parse(sys.argv[1:], f"python -m {__spec__.name}"))
