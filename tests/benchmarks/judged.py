"""A verdict outside of the pipeline: cells of a grid, controls, checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml

Cells = dict[tuple[str, float], dict[str, np.ndarray]]


def settings() -> Any:
    """The parameters as they come."""
    from detune.params.parsing import parse_params  # noqa: PLC0415

    return parse_params(yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")))


def cells_of(
    network: Any,
    split: Any,
    methods: Mapping[str, Any],
    epsilons: Sequence[float],
    *,
    examples: int,
    seed: int,
) -> Cells:
    """The arrays of each cell, by method and epsilon.

    Args:
        network: from segments to logits.
        split: the segments that are attacked.
        methods: the options of each, by name.
        epsilons: L-infinity radii.
        examples: segments attacked at full strength in each cell.
        seed: of the attacks.
    """
    from detune.attack.cell import cell_arrays, run_cell  # noqa: PLC0415

    ask = partial(run_cell, network, split, examples=examples, seed=seed)
    return {
        (method, epsilon): cell_arrays(ask(method=method, epsilon=epsilon, options=options), split)
        for method, options in methods.items()
        for epsilon in epsilons
    }


def failed_checks(
    attack: Any, network: Any, split: Any, cells: Cells, *, rows: np.ndarray, epsilon: float
) -> dict[str, Any]:
    """The checks of the verdict that fail, by name; none where it is *trustworthy*.

    Args:
        attack: the section of the parameters.
        network: that was attacked.
        split: the segments of the cells.
        cells: as `cells_of` gives them.
        rows: segments that the controls take, all right when clean.
        epsilon: that the controls begin with.
    """
    from detune.controls.control_attacks import Controls  # noqa: PLC0415
    from detune.network.model_file import predict_logits  # noqa: PLC0415
    from detune.params.method_options import Square  # noqa: PLC0415
    from detune.robustness import verdict  # noqa: PLC0415
    from detune.robustness.example_audit import count_mismatches  # noqa: PLC0415

    controls = Controls(
        network, split.values[rows], split.labels[rows], epsilon=epsilon, seed=attack.seed
    )
    black = Square(segments=len(rows), iterations=attack.controls.square_iterations)
    measured = controls.measure(attack.pgd, attack.pgd_margin, attack.noise, black)
    audit = partial(predict_logits, network)
    mismatches = count_mismatches(cells, cells.__getitem__, split.values, audit)
    found = verdict.collect(cells, mismatches, measured, len(split.genres))
    return {name: check for name, check in found.items() if not check.passed}


def drawn_rows(split: Any, count: int, seed: int) -> Any:
    """A split with `count` of its segments, drawn evenly from the genres and songs."""
    from dataclasses import replace  # noqa: PLC0415

    from detune.attack.example_selection import draw_sample  # noqa: PLC0415

    rows = draw_sample(split.labels, split.tracks, count, seed)
    return replace(split, values=split.values[rows], index=[split.index[row] for row in rows])
